/**
 * The first question of every device that signs in (RFC 8628 section 5.4): is it the person's own? It is asked whoever
 * is signed in and whatever was allowed before, and no answer of another request counts for it.
 */
import { interactionPolicy } from 'oidc-provider';

const { Check, Prompt } = interactionPolicy;

/**
 * A native app is asked about once more by the library, since anybody could have begun its request (RFC 8252 section
 * 8.6); of a device that question has just been answered.
 * @param consent the prompt
 */
export function confirmedOnce(consent: interactionPolicy.Prompt): void {
  const found = consent.checks.get('native_client_prompt');
  if (!found) throw new Error('the library has changed its prompts');
  const isAsked = found.check;
  found.check = (ctx) => (ctx.oidc.entities.DeviceCode && ctx.oidc.result?.device ? false : isAsked(ctx));
}

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
