/**
 * Devices that wait for a person (RFC 8628 section 3.3): the browser that enters a code claims it, and an interaction
 * of that browser begins with the question whether the device is theirs. Nothing is decided here, and no other browser
 * gets the code any more.
 */
import type { Provider } from 'oidc-provider';
import type { EdgeContext } from '../../base/http/context.ts';
import type { Ids } from '../../base/kernel/ids.ts';
import { keyedHash } from '../../base/kernel/sealing.ts';
import type { Keys } from '../../base/keys/keys.ts';
import { artefactId } from './artefacts/model.ts';
import type { ArtefactStore } from './artefacts/store.ts';
import { cookieNames } from './cookies.ts';
import { userCodeGroups } from './user-codes.ts';

/** A device that waits. */
export interface DeviceRequest {
  /** The user code in its groups. */
  code: readonly string[];
  askedAt: Date;
  /** What `describeVisit` said of the device's own request. */
  visit: string | undefined;
}

/** Devices that wait. */
export interface DeviceRequests {
  /**
   * Claims a code for the present browser and begins its interaction.
   * @returns path to go on at; undefined for a code that is unknown, over, answered or another browser's
   */
  claim(ctx: EdgeContext, userCode: string): Promise<string | undefined>;
  /** The device the interaction of this request is about; undefined when it no longer waits. */
  read(ctx: EdgeContext): Promise<DeviceRequest | undefined>;
}

/** What the requests are made of. */
export interface DeviceRequestDeps {
  issuer: string;
  keys: Keys;
  ids: Ids;
  store: ArtefactStore;
}

const hourSeconds = 3_600;
const absent = { $exists: false };

/** The library still finds a code for a moment after its end, for clocks that differ. */
function waits(code: { isValid: boolean; accountId?: unknown; error?: unknown }): boolean {
  return code.isValid && !code.accountId && !code.error;
}

/**
 * Builds the requests.
 * @param current the provider of the moment
 * @param deps issuer, keys, ids, store
 */
export function createDeviceRequests(current: () => Provider, deps: DeviceRequestDeps): DeviceRequests {
  const names = cookieNames(deps.issuer);

  /** One conditional command: of two browsers at the same moment, one gets the code. */
  const take = async (deviceCode: string, browser: string): Promise<boolean> => {
    const claim = keyedHash(deps.keys.secret('codes'), 'device-claim', browser);
    const open = { decided: absent, consumed: absent, gone: absent, $or: [{ claim: absent }, { claim }] };
    const set = { $set: { claim: { $literal: claim } } };
    return (
      (await deps.store.change({ _id: artefactId('DeviceCode', deviceCode), ...open }, [set])) !== undefined
    );
  };

  const remember = (ctx: EdgeContext, uid: string) => {
    const options = {
      signed: true,
      httpOnly: true,
      overwrite: true,
      sameSite: 'lax' as const,
      maxAge: hourSeconds * 1000,
    };
    ctx.cookies.set(names.interaction, uid, { ...options, path: `/interaction/${uid}` });
    ctx.cookies.set(names.resume, uid, { ...options, path: `/device/${uid}` });
  };

  return {
    async claim(ctx, userCode) {
      const { deviceId } = ctx.state.visit;
      const { DeviceCode, Interaction, Session } = current();
      const code = await DeviceCode.findByUserCode(userCode);
      if (!deviceId || !code || !waits(code)) return undefined;
      if (!(await take(code.jti, deviceId))) return undefined;
      const uid = deps.ids.secret(16);
      const payload = {
        returnTo: `${deps.issuer}/device/${uid}`,
        prompt: { name: 'device', reasons: ['device_unconfirmed'], details: {} },
        params: code.params,
        session: await Session.get(ctx as never),
        deviceCode: code.jti,
        cid: deps.ids.secret(16),
      };
      // As the library makes its own; its type leaves the constructor out.
      const interaction: InstanceType<typeof Interaction> = Reflect.construct(Interaction, [uid, payload]);
      await interaction.save(hourSeconds);
      remember(ctx, uid);
      return `/interaction/${uid}`;
    },
    async read(ctx) {
      const { deviceCode } = await current().interactionDetails(ctx.req, ctx.res);
      const code = deviceCode ? await current().DeviceCode.find(deviceCode) : undefined;
      if (!code || !waits(code)) return undefined;
      const visit = code.deviceInfo?.visit;
      return {
        code: userCodeGroups(code.userCode),
        askedAt: new Date(code.iat * 1000),
        visit: typeof visit === 'string' ? visit : undefined,
      };
    },
  };
}
