/** Command line of the device example: `node examples/device/main.ts [issuer] [client id]`. */
import { reasonOf, runDevice } from './app.ts';

const [issuer = 'http://localhost:3000', clientId = 'aurora-air-screen'] = process.argv.slice(2);

try {
  await runDevice({ issuer, clientId, say: (line) => console.log(line) });
} catch (error) {
  console.error(`Nobody is signed in: ${reasonOf(error)}.`);
  process.exitCode = 1;
}
