/** Tells a member by mail that an app asks for them (CIBA), once the request stands. Decides nothing. */
import { z } from 'zod';
import type { Outbox } from '../../base/db/outbox.ts';
import { inTransaction } from '../../base/db/transaction.ts';
import { systemVisit } from '../../base/kernel/visit.ts';
import { askMember } from '../../protocol/oidc/backchannel-requests.ts';
import type { AccountDeps } from './deps.ts';
import { requestsPath } from './requests.ts';

const asked = z.object({ id: z.string(), memberId: z.string() });

/**
 * Registers the handler that asks members. A request for nobody, or of an app the member does not want to hear from,
 * ends here.
 * @param deps modules
 */
export function askMembers(
  deps: Pick<
    AccountDeps,
    'issuer' | 'db' | 'events' | 'members' | 'findClient' | 'experiences' | 'mailer'
  > & {
    oidc: Pick<AccountDeps['oidc'], 'backchannelRequests' | 'inUnit'>;
    outbox: Pick<Outbox, 'handle'>;
  },
): void {
  deps.outbox.handle(askMember, async (payload, task) => {
    const { id, memberId } = asked.parse(payload);
    const requests = await deps.oidc.inUnit(() => deps.oidc.backchannelRequests.waiting(memberId));
    const request = requests.find((each) => each.id === id);
    const member = request && (await deps.members.get(memberId));
    const client = request && (await deps.findClient(request.clientId));
    const { email } = member ? await deps.members.profile(member) : {};
    if (!request || !member || !client || !email) return;
    const { brand, market, mailBrand } = deps.experiences.experienceFor({
      clientId: client.id,
      brand: client.brand,
      market: client.market,
    });
    await inTransaction(deps.db, async (tx) => {
      await deps.events.record(tx, {
        type: 'authentication_request.made',
        memberId,
        home: member.home,
        visit: { ...systemVisit(task.id), clientId: client.id, brand: brand.id, market: market.id },
        data: { client: client.id },
      });
      await deps.mailer.enqueue(tx, {
        template: 'confirm-request',
        to: email,
        locale: member.locale,
        brand: mailBrand,
        data: {
          appName: client.name,
          message: request.bindingMessage,
          at: request.askedAt.toISOString(),
          until: request.expiresAt.toISOString(),
          url: `${deps.issuer}${requestsPath}`,
        },
      });
    });
  });
}
