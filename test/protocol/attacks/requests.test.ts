import { withstand } from './driver.ts';
import { assertions } from './rows/assertions.ts';
import { proofs } from './rows/proofs.ts';
import { requestObjects } from './rows/request-objects.ts';

withstand([assertions, proofs, requestObjects]);
