/**
 * Changing the password: everything issued before dies in the same transaction, and only the present session is
 * carried on, under a new cookie. Setting a first one needs a fresh sign-in instead of the old password.
 */
import { z } from 'zod';
import { inTransaction } from '../../base/db/transaction.ts';
import { type Route, route } from '../../base/http/routes.ts';
import { DomainError, type FieldFault } from '../../base/kernel/errors.ts';
import { maxPasswordLength, passwordText } from '../../people/credentials/password-text.ts';
import { checkPassword } from '../../people/credentials/policy.ts';
import { endEverything } from '../../protocol/oidc/sign-out.ts';
import { signInMethods } from '../interactions/methods.ts';
import { passwordDemands } from '../pages/password-rules.ts';
import { type Here, isFreshOrSent } from '../pages/visitor.ts';
import type { AccountDeps } from './deps.ts';
import { mailMember } from './mails.ts';
import { securityPath, showSecurity } from './security.ts';
import { accountScope, doneAt, freshMs, profileOf, requireVisitor } from './visitor.ts';

/** What the form holds; missing and empty are the same. */
interface Entered {
  current_password: string;
  password: string;
}

/**
 * The route of the password form.
 * @param deps modules
 */
export function passwordRoutes(deps: AccountDeps): Route[] {
  return [
    route({
      name: 'account.security.password',
      method: 'POST',
      path: `${securityPath}/password`,
      csrf: accountScope,
      limiter: 'sign-in',
      input: {
        body: z.object({
          current_password: z.string().default(''),
          password: z.string().default(''),
        }),
      },
      async handle(ctx, { body }) {
        await changePassword(deps, await requireVisitor(deps, ctx, securityPath), body);
      },
    }),
  ];
}

async function changePassword(deps: AccountDeps, here: Here, entered: Entered): Promise<void> {
  const hasPassword = await deps.passwords.has(here.member._id);
  if (!hasPassword && !signInMethods(here.place.experience).includes('password'))
    throw new DomainError('route.not_found');
  if (!hasPassword && !isFreshOrSent(deps, here, { path: securityPath, withinMs: freshMs })) return;
  const faults = [
    ...(hasPassword ? await currentFaults(deps, here, entered) : []),
    ...(await newPasswordFaults(deps, here, entered)),
  ];
  const breach = faults.length > 0 ? 'clear' : await deps.breachCheck(entered.password);
  if (breach === 'breached') faults.push({ field: 'password', code: 'password.breached' });
  if (faults.length > 0) {
    await showSecurity(deps, here, { status: 422, faults });
    return;
  }
  const encoded = await deps.hasher.hash(entered.password);
  const epoch = await replace(deps, here, { encoded, unchecked: breach === 'unavailable', entered });
  await deps.oidc.browserSessions.renew(here.ctx, epoch);
  doneAt(deps, here.ctx, { path: securityPath, notice: 'password-changed' });
}

/** Whether the current password is right; tries are counted before they are judged (NIST SP 800-63B-4 section 3.2.2). */
async function currentFaults(deps: AccountDeps, here: Here, entered: Entered): Promise<FieldFault[]> {
  const field = 'current_password';
  if (entered.current_password === '') return [{ field, code: 'password.required' }];
  const { member, visit } = here;
  const known = await deps.devices.recognise(member._id, visit.deviceId);
  const keys = { member: member._id, ip: visit.ip, device: known ? visit.deviceId : undefined };
  await deps.throttles.attempt('sign-in', keys);
  if (await isCurrent(deps, member._id, entered.current_password)) {
    await deps.throttles.reward('sign-in', keys);
    return [];
  }
  await inTransaction(deps.db, (tx) =>
    deps.events.record(tx, {
      type: 'member.sign_in_failed',
      memberId: member._id,
      home: member.home,
      visit,
      data: { method: 'password' },
    }),
  );
  return [{ field, code: 'credentials.invalid' }];
}

/** Nobody's password is longer than a password can be. */
async function isCurrent(deps: AccountDeps, memberId: string, plain: string): Promise<boolean> {
  try {
    return (await deps.passwords.verify(memberId, plain)).ok;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'password.too_long') return false;
    throw error;
  }
}

/** The same rules as at registration, before anything costly. */
async function newPasswordFaults(deps: AccountDeps, here: Here, entered: Entered): Promise<FieldFault[]> {
  const field = 'password';
  if (entered.password === '') return [{ field, code: 'password.required' }];
  const { look } = here.place.experience;
  const { email = '', name = '' } = await profileOf(deps, here);
  const context = [look.name, look.programName, ...look.siblings, email.split('@')[0] ?? '', name];
  const fault = await checkPassword(entered.password, {
    ...passwordDemands(deps, here.place, here.member),
    context,
  });
  if (fault) return [{ field, ...fault }];
  return isSame(entered) ? [{ field, code: 'password.same_as_old' }] : [];
}

/** Compared as passwords are: in normal form, and only when the old one can be one at all. */
function isSame({ current_password: old, password }: Entered): boolean {
  return old.length <= maxPasswordLength * 4 && passwordText(password) === old.normalize('NFC');
}

/** Somebody changed the account between reading it and writing to it. */
class ChangedMeanwhile extends Error {}

/**
 * Writes the new password and raises the epoch.
 * @returns the epoch in which the present session goes on
 * @throws DomainError `sign_in.required` when another change ended this session meanwhile
 */
async function replace(
  deps: AccountDeps,
  here: Here,
  change: { encoded: string; unchecked: boolean; entered: Entered },
): Promise<number> {
  const { member, visit } = here;
  const about = { memberId: member._id, home: member.home, visit };
  try {
    return await inTransaction(deps.db, async (tx) => {
      // The sweep may begin before this request has renewed its own session, so it is told to leave that one alone.
      const epoch = await endEverything(deps, tx, { memberId: member._id, kept: here.session.uid });
      if (epoch !== member.securityEpoch + 1) throw new ChangedMeanwhile();
      await deps.passwords.set(tx, { ...about, encoded: change.encoded, reason: 'change' });
      if (change.unchecked)
        await deps.events.record(tx, { type: 'password.breach_check_unavailable', ...about });
      await mailMember(deps, tx, here, { template: 'password-changed' });
      return epoch;
    });
  } catch (error) {
    if (!(error instanceof ChangedMeanwhile)) throw error;
    // A double click: the first one has set the very same password, and this answer is the one that is shown.
    const now = await deps.members.get(member._id);
    const isDone = await isCurrent(deps, member._id, change.entered.password);
    if (!now || !isDone) throw new DomainError('sign_in.required');
    return now.securityEpoch;
  }
}
