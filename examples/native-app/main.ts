/** Command line of the native example: `node examples/native-app/main.ts [issuer] [client id]`. */
import { runNativeApp } from './app.ts';

const [issuer = 'http://localhost:3000', clientId = 'aurora-air-app'] = process.argv.slice(2);

try {
  await runNativeApp({
    issuer,
    clientId,
    open: (url) => console.log(`Open this address in your browser:\n\n  ${url}\n`),
    say: (line) => console.log(line),
  });
} catch (error) {
  console.error(`The sign-in did not work: ${error instanceof Error ? error.message : 'unknown reason'}`);
  process.exitCode = 1;
}
