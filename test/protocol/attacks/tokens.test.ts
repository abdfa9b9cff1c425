import { withstand } from './driver.ts';
import { tokens } from './rows/tokens.ts';

withstand([tokens]);
