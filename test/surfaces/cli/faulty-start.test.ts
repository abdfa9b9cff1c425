/** A command that cannot open the program says why and ends. */
import { expect, it, jest } from '@jest/globals';
import { commandLine } from '../../support/command.ts';
import { copyOfProgram } from '../../support/program-folder.ts';

jest.setTimeout(120_000);

it('ends a command where the first configuration has faults, and tells them', async () => {
  const folder = copyOfProgram();
  const operator = commandLine({ env: { SYMBOLON_PROGRAM_DIR: folder.path } });
  expect((await operator.run('migrate', 'up')).code).toBe(0);
  folder.edit('program.json', (program) => {
    program.pasword = {};
  });
  const ended = await operator.run('config', 'history');
  expect(ended).toMatchObject({ code: 3, err: expect.stringContaining('did you mean password?') });
});
