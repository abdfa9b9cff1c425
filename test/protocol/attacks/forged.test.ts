import { withstand } from './driver.ts';
import { forged } from './rows/forged.ts';

withstand([forged]);
