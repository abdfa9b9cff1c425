/** The routes of signing in a device: entering its code, the picture of the code, and the end. */
import { z } from 'zod';
import { type Route, route } from '../../base/http/routes.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import { readUserCode } from '../../protocol/oidc/user-codes.ts';
import { languageScope } from '../pages/routes.ts';
import type { InteractionDeps } from './deps.ts';
import { devicePath, showDeviceCode, showDeviceEnded, submitDeviceCode } from './device.ts';
import { deviceQr } from './device-qr.ts';

const typed = z.string().max(2_000);

/**
 * The routes of signing in a device.
 * @param deps modules
 */
export function deviceRoutes(deps: InteractionDeps): Route[] {
  return [
    route({
      name: 'device.code.show',
      method: 'GET',
      path: devicePath,
      input: { query: z.object({ user_code: typed.optional() }) },
      handle: (ctx, { query }) => showDeviceCode(deps, ctx, { code: query.user_code }),
    }),
    route({
      name: 'device.code',
      method: 'POST',
      path: devicePath,
      input: { body: z.object({ user_code: typed.default('') }) },
      csrf: () => languageScope,
      limiter: 'device-code',
      async handle(ctx, { body }) {
        if (!deps.turns.repeated(ctx, body)) await submitDeviceCode(deps, ctx, body.user_code);
      },
    }),
    route({
      name: 'device.qr',
      method: 'GET',
      path: `${devicePath}/qr`,
      input: { query: z.object({ user_code: typed }) },
      limiter: 'edge',
      handle(ctx, { query }) {
        const code = readUserCode(query.user_code);
        if (!code) throw new DomainError('input.malformed');
        // A device's own page shows it; the picture tells nothing that page does not know.
        ctx.set('Cross-Origin-Resource-Policy', 'cross-origin');
        ctx.set('Cache-Control', 'no-store');
        ctx.type = 'image/svg+xml';
        ctx.body = deviceQr(deps.issuer, code);
      },
    }),
    route({
      name: 'device.ended',
      method: 'GET',
      path: `${devicePath}/ended`,
      input: { query: z.object({ as: z.enum(['allowed', 'denied', 'expired', 'unknown']) }) },
      handle: (ctx, { query }) => showDeviceEnded(deps, ctx, query.as),
    }),
  ];
}
