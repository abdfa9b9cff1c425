/** The ways in which a provider disappoints: silent, down, resetting, or answering something else. */
import type { ServerResponse } from 'node:http';
import type { Mode, Place, UpstreamState } from './state.ts';

/**
 * Takes a server's request over when the upstream is told to misbehave there.
 * @param state holds the mode
 * @param held answers kept waiting by `slow`, for whoever stops the server
 * @param url the request's address
 * @param response the answer
 * @returns whether the request was taken over
 */
export function misbehave(
  state: UpstreamState,
  held: Set<ServerResponse>,
  url: string,
  response: ServerResponse,
): boolean {
  const path = url.split('?')[0] ?? '';
  const place: Place | undefined = /\/(token|access_token)$/.test(path)
    ? 'token'
    : /\/(userinfo|me)$/.test(path)
      ? 'profile'
      : undefined;
  const { mode, place: wanted } = state.behaviour;
  if (place === undefined || mode === 'normal' || (wanted !== 'everywhere' && wanted !== place)) return false;
  if (mode === 'slow') {
    held.add(response);
    response.once('close', () => held.delete(response));
    return true;
  }
  if (mode === 'reset') {
    response.destroy();
    return true;
  }
  const [status, headers, body] = disappointments[mode];
  response.writeHead(status, headers).end(body);
  return true;
}

const json = { 'content-type': 'application/json' };
const disappointments = {
  unavailable: [503, { 'content-type': 'text/plain' }, 'try again later'],
  html: [200, { 'content-type': 'text/html' }, '<!doctype html><title>Welcome to the hotel network</title>'],
  'wrong-types': [200, json, '{"access_token":{"a":1},"sub":["1"],"id":42,"email":{"$gt":""},"name":false}'],
  huge: [200, json, `{"access_token":"x","sub":"1","id":"1","name":"${'n'.repeat(2_000_000)}"}`],
  redirect: [302, { location: '/google/token' }, ''],
  null: [200, json, 'null'],
} satisfies Record<Exclude<Mode, 'normal' | 'slow' | 'reset'>, [number, Record<string, string>, string]>;
