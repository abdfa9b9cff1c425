/**
 * The known devices: where a member has signed in before, so that a sign-in from elsewhere can be told to them. Owns
 * the pairs of member and device cookie, hashed. Never decides what a new device means, and never trusts one.
 */
import type { Connection } from 'mongoose';
import type { Tx } from '../../base/db/transaction.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import { dateOf } from '../../base/kernel/clock.ts';
import { keyedHash } from '../../base/kernel/sealing.ts';
import type { Visit } from '../../base/kernel/visit.ts';
import { type DeviceName, deviceName } from './device-name.ts';
import { type DeviceRecord, deviceModel } from './model.ts';

/** A device on which the member has signed in. */
export interface KnownDevice {
  id: string;
  name: DeviceName;
  firstSeen: Date;
  /** The last day, as its midnight (UTC). */
  lastSeen: Date;
}

/** What the devices are made of. */
export interface DevicesDeps {
  connection: Connection;
  clock: Clock;
  /** Key of the device ids' hashes; must never change. */
  deviceKey: Buffer;
}

/** The known devices as other modules see them. */
export interface Devices {
  /** Whether the member has signed in on this device before; false without a device cookie. */
  recognise(memberId: string, deviceId: string | undefined): Promise<boolean>;
  /**
   * Notes a sign-in, in the caller's transaction; at most one write a day and device.
   * @returns whether the device was new to the member; true as well without a device cookie, when nothing is noted
   */
  remember(tx: Tx, memberId: string, home: string, visit: Visit): Promise<boolean>;
  /** A member's devices, the one seen last first. */
  list(memberId: string): Promise<KnownDevice[]>;
  /** Forgets every device of the member, in the caller's transaction: the next sign-in anywhere is news again. */
  forgetAll(tx: Tx, memberId: string): Promise<void>;
}

const dayMs = 86_400_000;
/** A device that was not seen for so long is new again. */
const keptMs = 400 * dayMs;

/**
 * Builds the known devices.
 * @param deps connection, clock, key
 */
export function createDevices(deps: DevicesDeps): Devices {
  const model = deviceModel(deps.connection);
  const idOf = (memberId: string, deviceId: string) =>
    keyedHash(deps.deviceKey, 'device', memberId, deviceId);
  const isLive = (device: DeviceRecord | null) =>
    device !== null && device.expiresAt.getTime() > deps.clock.now();

  return {
    async recognise(memberId, deviceId) {
      if (!deviceId) return false;
      return isLive(await model.findOne({ _id: idOf(memberId, deviceId) }).lean<DeviceRecord>());
    },
    async remember(tx, memberId, home, visit) {
      if (!visit.deviceId) return true;
      const _id = idOf(memberId, visit.deviceId);
      const known = await model.findOne({ _id }).session(tx).lean<DeviceRecord>();
      const today = new Date(Math.floor(deps.clock.now() / dayMs) * dayMs);
      if (known && isLive(known) && known.lastSeen.getTime() === today.getTime()) return false;
      const { browser, system, kind } = deviceName(visit.userAgent);
      const device: DeviceRecord = {
        _id,
        memberId,
        home,
        ...(browser && { browser }),
        ...(system && { system }),
        kind,
        firstSeen: known && isLive(known) ? known.firstSeen : dateOf(deps.clock),
        lastSeen: today,
        expiresAt: dateOf(deps.clock, keptMs),
      };
      await model.replaceOne({ _id }, device, { upsert: true, session: tx });
      return !isLive(known);
    },
    async list(memberId) {
      const devices = await model
        .find({ memberId })
        .sort({ lastSeen: -1, firstSeen: -1 })
        .lean<DeviceRecord[]>();
      return devices.filter(isLive).map(toKnownDevice);
    },
    async forgetAll(tx, memberId) {
      await model.deleteMany({ memberId }, { session: tx });
    },
  };
}

function toKnownDevice(device: DeviceRecord): KnownDevice {
  return {
    id: device._id,
    name: { browser: device.browser, system: device.system, kind: device.kind },
    firstSeen: device.firstSeen,
    lastSeen: device.lastSeen,
  };
}
