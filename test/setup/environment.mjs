import { TestEnvironment } from 'jest-environment-node';

/**
 * Node's test environment, and at its very end, after every hook of the test file, what the file left to be closed
 * (its database): closing it in a hook would come before the file's own hooks, which still need it.
 */
export default class SymbolonEnvironment extends TestEnvironment {
  async teardown() {
    await this.global.closeAtEnd?.();
    await super.teardown();
  }
}
