/** The known devices' part in the rights of a person. */
import type { Connection } from 'mongoose';
import type { PersonalData } from '../../base/kernel/personal-data.ts';
import { type DeviceRecord, deviceModel } from './model.ts';

/**
 * Joins the devices to the PersonalData port. A merge moves nothing: the id is a hash that contains the member, so a
 * device of the other account is simply new to the surviving one, and the member gets one mail more.
 * @param connection the main database
 */
export function devicesPersonalData(connection: Connection): PersonalData {
  const model = deviceModel(connection);
  return {
    room: 'devices',
    collections: ['devices'],
    async export(memberId) {
      const devices = await model.find({ memberId }).sort({ firstSeen: 1 }).lean<DeviceRecord[]>();
      return {
        devices: devices.map(({ browser, system, kind, firstSeen, lastSeen }) => ({
          browser,
          system,
          kind,
          firstSeen,
          lastSeen,
        })),
      };
    },
    async erase(memberId) {
      await model.deleteMany({ memberId });
    },
    async reassign() {
      return { room: 'devices', moved: [] };
    },
  };
}
