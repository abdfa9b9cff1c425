/**
 * The first question of every device that signs in (RFC 8628 section 5.4): is it the person's own? It is asked whoever
 * is signed in and whatever was allowed before, and no answer of another request counts for it.
 */
import { interactionPolicy } from 'oidc-provider';

const { Check, Prompt } = interactionPolicy;

/** Builds the prompt; it stands before all others. */
export function deviceConfirmation() {
  return new Prompt(
    { name: 'device', requestable: false },
    new Check('device_unconfirmed', 'the device is not confirmed', 'interaction_required', (ctx) =>
      ctx.oidc.entities.DeviceCode && !ctx.oidc.result?.device
        ? Check.REQUEST_PROMPT
        : Check.NO_NEED_TO_PROMPT,
    ),
  );
}
