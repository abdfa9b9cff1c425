import { withstand } from './driver.ts';
import { redirects } from './rows/redirects.ts';

withstand([redirects]);
