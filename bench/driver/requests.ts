/** Requests that several operations make: JSON from an endpoint, tokens, and how a client proves who it is. */
import type { BenchClient } from '../world.ts';
import { type Ask, send } from './http.ts';
import type { Slot } from './operations/operation.ts';

/** A token endpoint's answer. */
export interface Tokens {
  access_token: string;
  token_type: string;
  refresh_token?: string;
  id_token?: string;
}

/**
 * Sends a request and reads its JSON.
 * @param ask the request
 * @param expected the only status that is not a fault (default 200)
 */
export async function json(ask: Ask, expected = 200): Promise<unknown> {
  const { status, body } = await send(ask);
  if (status !== expected)
    throw new Error(`${new URL(ask.url).pathname} answered ${status}: ${body.slice(0, 200)}`);
  return JSON.parse(body);
}

/**
 * Asks the token endpoint.
 * @param slot whose peer
 * @param client authenticates with its secret
 * @param form the grant
 * @param headers besides the client's authentication
 */
export async function token(
  slot: Slot,
  client: BenchClient,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Tokens> {
  const url = slot.endpoints.token_endpoint;
  const ask: Ask = { url, method: 'POST', headers: { ...basic(client), ...headers }, form };
  return (await json(ask)) as Tokens;
}

/** Client authentication by HTTP Basic (RFC 6749 section 2.3.1). */
export function basic({ id, secret }: BenchClient): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };
}
