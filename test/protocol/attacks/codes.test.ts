import { withstand } from './driver.ts';
import { codes } from './rows/codes.ts';

withstand([codes]);
