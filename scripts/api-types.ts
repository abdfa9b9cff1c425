/** TypeScript types of an API from its OpenAPI document, for the SDK. Pure: the same document, the same text. */
import { accountApiDoc } from '../src/surfaces/member-api/reference.ts';

interface Schema {
  $ref?: string;
  description?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | false;
}

interface Content {
  content?: Record<string, { schema: Schema }>;
}

interface Operation {
  operationId: string;
  summary: string;
  requestBody?: Content;
  responses: Record<string, Content>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** The types of the Account API: the text of sdk/src/account-types.ts. */
export function accountTypes(): string {
  const { paths, components } = JSON.parse(accountApiDoc()) as Document;
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) => `${docOf(schema, '')}export type ${name} = ${typeOf(schema, '')};\n`,
  );
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods).map(operationOf));
  return [
    '/** Generated from docs/openapi/account.json by scripts/generate.mjs; edit the routes there. */\n',
    ...schemas,
    `/** What goes in and what comes back, by operation. */\nexport interface Operations {\n${operations.join('')}}\n`,
  ].join('\n');
}

function operationOf({ operationId, summary, requestBody, responses }: Operation): string {
  const [body, ...answers] = [requestBody, responses['200'], responses['201']].map(schemaOf);
  const answer = answers.find((schema) => schema !== undefined);
  const lines = [
    `/** ${summary} */`,
    `'${operationId}': {`,
    `  body: ${body ? typeOf(body, '    ') : 'undefined'};`,
    `  answer: ${answer ? typeOf(answer, '    ') : 'undefined'};`,
    '};',
  ];
  return lines.map((line) => `  ${line}\n`).join('');
}

function schemaOf(content: Content | undefined): Schema | undefined {
  return Object.values(content?.content ?? {})[0]?.schema;
}

function typeOf(schema: Schema, indent: string): string {
  if (schema.$ref) return schema.$ref.split('/').at(-1) ?? 'unknown';
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum) return schema.enum.map(literal).join(' | ');
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return either.map((one) => typeOf(one, indent)).join(' | ');
  const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? 'unknown'];
  return types.map((type) => typeNamed(type, schema, indent)).join(' | ');
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", "\\'")}'` : JSON.stringify(value);
}

function typeNamed(type: string, schema: Schema, indent: string): string {
  if (type === 'array') return `Array<${schema.items ? typeOf(schema.items, indent) : 'unknown'}>`;
  if (type === 'object') return objectType(schema, indent);
  return type === 'integer' ? 'number' : type;
}

function objectType({ properties, required = [], additionalProperties }: Schema, indent: string): string {
  if (!properties) {
    const values = additionalProperties ? typeOf(additionalProperties, indent) : 'unknown';
    return `Record<string, ${values}>`;
  }
  const inner = `${indent}  `;
  const fields = Object.entries(properties).map(
    ([name, schema]) =>
      `${docOf(schema, inner)}${inner}${name}${required.includes(name) ? '' : '?'}: ${typeOf(schema, inner)};\n`,
  );
  return `{\n${fields.join('')}${indent}}`;
}

function docOf({ description }: Schema, indent: string): string {
  return description === undefined ? '' : `${indent}/** ${description.replaceAll('*/', '*')} */\n`;
}
