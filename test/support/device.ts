/** A device for tests (RFC 8628), over `openid-client`: asks, shows its code, polls; and a person who enters the code. */
import * as client from 'openid-client';
import type { Agent, Page } from './agent.ts';
import type { TestIssuer } from './issuer.ts';
import { RelyingParty } from './relying-party.ts';

/** The grant's identifier. */
export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** What a device was told. */
export type Asked = client.DeviceAuthorizationResponse;

/** Registers a device client: public, without addresses. */
export function registerDevice(
  issuer: TestIssuer,
  options: { id: string; firstParty?: boolean; brand?: string; metadata?: Record<string, unknown> },
): Promise<RelyingParty> {
  return RelyingParty.register(issuer, {
    ...options,
    metadata: {
      grant_types: [deviceGrant, 'refresh_token'],
      redirect_uris: [],
      post_logout_redirect_uris: [],
      token_endpoint_auth_method: 'none',
      subject_type: 'public',
      ...options.metadata,
    },
  });
}

/** Asks for a code. */
export function ask(device: RelyingParty, parameters: Record<string, string> = {}): Promise<Asked> {
  return client.initiateDeviceAuthorization(device.config, { scope: 'openid profile', ...parameters });
}

/** The form of one poll of a public device. */
export function pollForm(id: string, asked: Asked): Record<string, string> {
  return { grant_type: deviceGrant, device_code: asked.device_code, client_id: id };
}

/** Opens the page and enters a code; the page is the question whether the device is one's own, or the form again. */
export async function enterCode(agent: Agent, code: string): Promise<Page> {
  const page = await agent.open('/device');
  return agent.submit(page, { user_code: code }, '/device');
}

/** Answers the question on the confirm page. */
export function answerDevice(agent: Agent, page: Page, decision: 'allow' | 'deny'): Promise<Page> {
  return agent.submit(page, { decision }, '/device');
}
