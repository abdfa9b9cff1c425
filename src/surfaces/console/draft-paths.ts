/** Addresses of the pages about drafts. */
import { areaPath } from './nav.ts';

/** The list. */
export const draftsPath = areaPath('drafts');
/** A new one. */
export const newDraftPath = `${draftsPath}/new`;
/** One draft. */
export const draftPath = (id: string) => `${draftsPath}/${id}`;
/** A page about one draft. */
export const draftPage = (
  id: string,
  page: 'describe' | 'items' | 'diff' | 'check' | 'dry-run' | 'publish' | 'rebase',
) => `${draftPath(id)}/${page}`;
/** The page on which a step is confirmed. */
export const stepPath = (id: string, step: string) => `${draftPath(id)}/${step}`;
/** The page on which an item is edited. */
export const itemPage = (id: string, item: string) => `${draftPage(id, 'items')}/${item}`;
/** The page on which an item's removal is confirmed. */
export const removePage = (id: string, item: string) => `${draftPath(id)}/remove/${item}`;
