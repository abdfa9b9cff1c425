/** Members for the tests of this folder. */
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import type { AttributeWrite } from '../../../src/people/members/attributes.ts';
import type { Member } from '../../../src/people/members/members.ts';
import type { TestIssuer } from '../../support/issuer.ts';

/** A member of the usual brand and market. */
export function addMember(
  { issuer }: TestIssuer,
  mark: string,
  attributes?: AttributeWrite,
): Promise<Member> {
  const { market, brand } = issuer.core.experiences.experienceFor({});
  const draft = {
    home: market.region,
    market: market.id,
    brand: brand.id,
    locale: 'en',
    via: 'password',
    email: `${mark}@members.example`,
    name: undefined,
    identifiers: [],
    ...(attributes && { attributes }),
  };
  return inTransaction(issuer.core.db, (tx) => issuer.people.members.create(tx, draft, systemVisit('test')));
}
