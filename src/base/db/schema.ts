/** What every model of the house has in common. Never names a collection itself. */
import mongoose, {
  type Connection,
  type IndexDefinition,
  type IndexOptions,
  type Model,
  Schema,
  type SchemaDefinitionProperty,
} from 'mongoose';

/** An index as its owner declares it; the migration creates it and `doctor` compares. */
export interface IndexDeclaration {
  collection: string;
  /** Which database holds the collection (default `main`). */
  database?: 'main' | 'keys';
  keys: IndexDefinition;
  options?: Pick<IndexOptions, 'expireAfterSeconds' | 'partialFilterExpression' | 'sparse'>;
}

/** The fields of a document, each with its type as mongoose takes it. */
export type Fields<T> = { [field in keyof T & string]-?: SchemaDefinitionProperty };

/**
 * The model of a collection on a connection, made at the first call. Strict: an unknown field throws; no version
 * key, no index or collection made behind the migrations' back, empty objects kept.
 * @param connection where the collection lives
 * @param collection name of the collection (and of the model)
 * @param fields every field with its type, `_id` included
 */
export function modelOf<T extends { _id: string }>(
  connection: Connection,
  collection: string,
  fields: Fields<T>,
): Model<T> {
  const existing = connection.models[collection];
  if (existing) return existing as Model<T>;
  const schema = new Schema<T>(fields as never, {
    collection,
    strict: 'throw',
    strictQuery: 'throw',
    versionKey: false,
    id: false,
    autoIndex: false,
    autoCreate: false,
    minimize: false,
    bufferCommands: false,
  });
  return connection.model<T>(collection, schema as never);
}

/**
 * Marks query operators as our own. Every filter value with a `$` key that is not marked is compared as a plain
 * value, so that nothing from a request can become an operator.
 * @param operators such as `{ $lte: now }`
 */
export function trusted<T extends Record<`$${string}`, unknown>>(operators: T): T {
  return mongoose.trusted(operators);
}
