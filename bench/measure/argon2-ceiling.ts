/**
 * The machine's argon2 ceiling: password verifies per core-second, from the operating system's own accounting of a
 * process that does nothing else. Run as a process of its own; prints one number.
 */
import argon2 from 'argon2';
import { argon2Parameters } from '../world.ts';

const [ms = '2000', concurrency = '16'] = process.argv.slice(2);
const password = 'correct horse battery staple';
const hash = await argon2.hash(password, argon2Parameters);
let verified = 0;
const verifyUntil = async (end: number) => {
  const loop = async () => {
    do {
      if (!(await argon2.verify(hash, password))) throw new Error('argon2 does not know its own hash');
      verified += 1;
    } while (performance.now() < end);
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, loop));
};
await verifyUntil(performance.now());
verified = 0;
const before = process.cpuUsage();
await verifyUntil(performance.now() + Number(ms));
const { user, system } = process.cpuUsage(before);
console.log(verified / ((user + system) / 1_000_000));
