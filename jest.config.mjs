/** How the tests run: ESM through swc, two workers, one real MongoDB for the whole run. Started by scripts/test.mjs. */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testEnvironment: '<rootDir>/test/setup/environment.mjs',
  globalSetup: '<rootDir>/test/setup/start-mongod.mjs',
  globalTeardown: '<rootDir>/test/setup/stop-mongod.mjs',
  setupFiles: ['<rootDir>/test/setup/realm.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript' },
          target: 'es2024',
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/.data/'],
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  maxWorkers: 2,
  // Modules of ended files stay in a worker's memory; one that has grown makes room for a fresh one.
  workerIdleMemoryLimit: '1GB',
  testTimeout: 60_000,
  // The queue library leaves the timer of its last lease check behind; nothing of ours is open by then.
  forceExit: true,
  // independent tests pass in any order; the seed is shown, `--seed N` repeats an order
  randomize: true,
  silent: true,
};
