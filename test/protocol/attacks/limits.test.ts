import { withstand } from './driver.ts';
import { issuers } from './rows/issuers.ts';
import { limits } from './rows/limits.ts';

withstand([limits, issuers]);
