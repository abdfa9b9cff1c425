/** Grants that lean on another one: what ends that one ends them. */
import { artefactId } from './model.ts';
import { currentUnit } from './unit.ts';

/**
 * Lets a grant that this request has just saved disappear when another is revoked.
 * @param grantId id of the new grant
 * @param on id of the grant it leans on
 */
export async function leanOnGrant(grantId: string, on: string): Promise<void> {
  const unit = currentUnit();
  const saved = await unit.find(artefactId('Grant', grantId));
  if (!saved) throw new Error('the grant was not saved in this request');
  const grant = artefactId('Grant', on);
  unit.patch({ ...saved, grant }, { grant });
}
