import { withstand } from './driver.ts';
import { people } from './rows/people.ts';
import { time } from './rows/time.ts';

withstand([people, time]);
