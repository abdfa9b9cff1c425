import { withstand } from './driver.ts';
import { scopes } from './rows/scopes.ts';
import { tokens } from './rows/tokens.ts';

withstand([tokens, scopes]);
