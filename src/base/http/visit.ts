/**
 * The visit: who comes, from where, with which browser, in which language; made once per request and before
 * everything else, so that even a refusal carries its trace id. Decides nothing.
 */
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import { constantTimeEqual, keyedHash } from '../kernel/sealing.ts';
import { clientAddress } from './client-address.ts';
import type { EdgeContext, EdgeMiddleware } from './context.ts';
import type { Cookies } from './cookies.ts';

/** What a browser says about its language, strongest first. */
export interface LanguageHints {
  /** `ui_locales` of the query (OpenID Connect Core section 3.1.2.1), space separated. */
  asked: string | undefined;
  /** The language the member chose before on this browser. */
  chosen: string | undefined;
  /** `Accept-Language`. */
  accepted: string | undefined;
}

/** What {@link visitMiddleware} needs. */
export interface VisitDeps {
  clock: Clock;
  ids: Ids;
  cookies: Cookies;
  /** Keys that sign the device cookie, newest first, 32 bytes each. */
  deviceKeys: readonly Buffer[];
  /** Proxies of ours in front. */
  trustedProxies: number;
  /** Picks the language of the answer. */
  negotiate(hints: LanguageHints): string;
  /** Whether a request may be given a device cookie (default: every one); machine endpoints should not be. */
  mayHaveDevice?(ctx: EdgeContext): boolean;
}

/** Short name of the cookie that tells browsers apart. */
export const deviceCookie = 'device';
/** Short name of the cookie with the language a member chose. */
export const localeCookie = 'locale';

const day = 86_400_000;
const cookieDays = 400;
/** Browsers cap a cookie at 400 days from when it was set, so it is set again while it is used. */
const renewAfterDays = 30;

/**
 * Middleware that fills `ctx.state.visit` and answers the trace id in `Trace-Id`.
 * @param deps clock, ids, cookies, keys and rules
 */
export function visitMiddleware(deps: VisitDeps): EdgeMiddleware {
  return async (ctx, next) => {
    const { headers, socket } = ctx.req;
    const trace = traceId(headers.traceparent, deps.ids);
    const forwarded = headers['x-forwarded-for'];
    ctx.set('Trace-Id', trace);
    ctx.state.visit = {
      clientId: undefined,
      brand: undefined,
      market: undefined,
      locale: deps.negotiate(languageHints(ctx, deps.cookies)),
      actor: { kind: 'anonymous' },
      ip: clientAddress(
        socket.remoteAddress,
        Array.isArray(forwarded) ? forwarded.join(',') : forwarded,
        deps.trustedProxies,
      ),
      userAgent: plainUserAgent(headers['user-agent']),
      deviceId: device(ctx, deps),
      trace,
    };
    await next();
  };
}

/** The trace id of a valid `traceparent` (W3C Trace Context section 3.2), else a new one. */
function traceId(traceparent: string | string[] | undefined, ids: Ids): string {
  const match = typeof traceparent === 'string' ? traceparentShape.exec(traceparent) : null;
  const [, trace = '', parent = ''] = match ?? [];
  const valid = trace !== '' && !/^0+$/.test(trace) && !/^0+$/.test(parent);
  return valid ? trace : ids.bytes(16).toString('hex');
}

const traceparentShape = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

function plainUserAgent(header: string | undefined): string | undefined {
  const plain = header
    ?.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '')
    .trim()
    .slice(0, 256);
  return plain || undefined;
}

function languageHints(ctx: EdgeContext, cookies: Cookies): LanguageHints {
  const asked = ctx.querystring === '' ? null : new URLSearchParams(ctx.querystring).get('ui_locales');
  return {
    asked: asked?.slice(0, 200) || undefined,
    chosen: cookies.read(ctx, localeCookie)?.slice(0, 35),
    accepted: ctx.req.headers['accept-language']?.slice(0, 500),
  };
}

/** The device id of a signed cookie; a missing, forged or ageing cookie is set anew. */
function device(ctx: EdgeContext, deps: VisitDeps): string | undefined {
  const today = Math.floor(deps.clock.now() / day);
  const known = verifiedDevice(deps.cookies.read(ctx, deviceCookie), deps.deviceKeys);
  if (known && !known.oldKey && today - known.day < renewAfterDays) return known.id;
  if (deps.mayHaveDevice && !deps.mayHaveDevice(ctx)) return known?.id;
  const key = deps.deviceKeys[0];
  if (!key) throw new Error('the device cookie has no key');
  const id = known?.id ?? deps.ids.id('dev');
  const value = `${id}.${today}.${deviceMac(key, id, String(today))}`;
  deps.cookies.write(ctx, deviceCookie, value, { maxAgeSeconds: cookieDays * 86_400 });
  return id;
}

function verifiedDevice(
  value: string | undefined,
  keys: readonly Buffer[],
): { id: string; day: number; oldKey: boolean } | undefined {
  const match = /^(dev_[\w-]{22})\.(\d{1,6})\.([\w-]{43})$/.exec(value ?? '');
  if (!match) return undefined;
  const [, id = '', setOn = '', mac = ''] = match;
  const index = keys.findIndex((key) => constantTimeEqual(mac, deviceMac(key, id, setOn)));
  return index < 0 ? undefined : { id, day: Number(setOn), oldKey: index > 0 };
}

function deviceMac(key: Buffer, id: string, setOn: string): string {
  return keyedHash(key, 'device-cookie', id, setOn);
}
