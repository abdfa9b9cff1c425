/** The views of signing in a device (RFC 8628): entering its code, confirming it, and the end. As in `views.ts`. */
import { defineView, type View } from '../../base/http/views.ts';
import type { DeviceOutcome } from '../../protocol/oidc/device-flow.ts';

/** Where a code is entered. Form: `user_code`, filled from the frame's values. */
export interface DeviceCodeData {
  action: string;
  /** The code came with the address: the person compares it instead of typing it. */
  prefilled: boolean;
}

/** Is it your device? One form, submitted by `decision` = `allow` | `deny`. */
export interface DeviceConfirmData {
  action: string;
  client: {
    name: string;
    /** Host of the app's own site, as proof against look-alike names; empty when it has none. */
    host: string;
  };
  /** The code in its groups, to be compared with the device's. */
  code: readonly string[];
  /** The device that asked, readable. */
  device: string;
  /** Roughly where it is. */
  place?: string | undefined;
  askedAt: string;
  /** Who is signed in here, when somebody is. */
  account?: { email: string; name?: string | undefined } | undefined;
  /** POST: sign in as someone else. */
  switchAction: string;
}

/** The end of the way. */
export interface DeviceEndedData {
  kind: DeviceOutcome;
  /** Back to where a code is entered. */
  againUrl: string;
  /** Where it can be taken back. */
  manageUrl: string;
}

/** Where a code is entered. */
export const deviceCodeView: View<DeviceCodeData> = defineView({
  name: 'interactions/device-code',
  sample: (): DeviceCodeData => ({ action: '/device', prefilled: false }),
});
/** Is it your device? */
export const deviceConfirmView: View<DeviceConfirmData> = defineView({
  name: 'interactions/device-confirm',
  heading: (data: DeviceConfirmData) => ({
    key: 'device-confirm.title',
    params: { client: data.client.name },
  }),
  sample: (): DeviceConfirmData => ({
    action: '/interaction/sample/device',
    client: { name: 'Aurora Seatback', host: 'seatback.example' },
    code: ['WDJB', 'MJHT'],
    device: 'Samsung TV',
    place: 'Japan',
    askedAt: '2026-06-02T09:58:00Z',
    account: { email: 'mika.lind@example.com', name: 'Mika Lind' },
    switchAction: '/interaction/sample/switch',
  }),
});
/** The end of the way. */
export const deviceEndedView: View<DeviceEndedData> = defineView({
  name: 'interactions/device-ended',
  heading: (data: DeviceEndedData) => ({ key: `device-ended.${data.kind}.title` }),
  sample: (): DeviceEndedData => ({
    kind: 'allowed',
    againUrl: '/device',
    manageUrl: '/account/applications',
  }),
});

/** Every view of this file. */
export const deviceViews: readonly View<unknown>[] = [deviceCodeView, deviceConfirmView, deviceEndedView];
