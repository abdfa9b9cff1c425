/** Addresses of the pages about releases. */
import { areaPath } from './nav.ts';

/** The difference of any two. */
export const comparePath = '/console/compare';
/** Undoing the last publication. */
export const undoPath = '/console/undo';
/** One release. */
export const releasePath = (id: string) => `${areaPath('releases')}/${id}`;
/** Making a release live again. */
export const rollBackPath = (id: string) => `${releasePath(id)}/roll-back`;
