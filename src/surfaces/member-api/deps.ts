/** What the Account API is made of: modules of the layers below, joined by compose-apis.ts. */
import type { Database } from '../../base/db/connection.ts';
import type { I18n } from '../../base/i18n/i18n.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import type { Experiences } from '../../business/experiences/experiences.ts';
import type { Purposes } from '../../business/purposes/purposes.ts';
import type { MemberForms } from '../../people/answers/forms.ts';
import type { Questions } from '../../people/answers/questions.ts';
import type { Consents } from '../../people/consents/consents.ts';
import type { Members } from '../../people/members/members.ts';
import type { ApiTokens } from '../../protocol/oidc/api-tokens.ts';

/** What the Account API is made of. */
export interface AccountApiDeps {
  issuer: string;
  db: Database;
  clock: Clock;
  i18n: Pick<I18n, 'locales' | 'overlay'>;
  apiTokens: Pick<ApiTokens, 'subjectFor' | 'memberIdFor'>;
  experiences: Pick<Experiences, 'experienceFor'>;
  purposes: Pick<Purposes, 'find' | 'forVisit'>;
  members: Members;
  consents: Consents;
  questions: Pick<Questions, 'due' | 'keep'>;
  memberForms: MemberForms;
}
