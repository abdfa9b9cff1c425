/** Program: owns an embedded MongoDB, writes a document, tells its process id, and waits to be killed. */
import mongoose from 'mongoose';
import { startMongod } from '../../src/base/db/mongod.ts';

const [dataDir = ''] = process.argv.slice(2);
const log = { info: () => undefined, warn: () => undefined };
const mongod = await startMongod({ dataDir, log, env: process.env });
const client = await mongoose.mongo.MongoClient.connect(mongod.uri);
await client
  .db('kept')
  .collection('things')
  .insertOne({ written: 'by the owner' }, { writeConcern: { j: true } });
process.stdout.write(`${mongod.pid}\n`);
// as long as the test that started it
process.stdin.on('end', () => process.exit()).resume();
