import { describe, expect, it } from '@jest/globals';
import {
  clientsOf,
  type KeyPair,
  type Plan,
  plansOf,
  type Setting,
} from '../../examples/conformance/plans.ts';
import { clientInput } from '../../src/business/clients/client-input.ts';

const setting: Setting = {
  suite: 'https://localhost.emobix.co.uk:8443',
  alias: 'symbolon',
  issuer: 'https://id.example',
  brand: 'aurora-air',
  member: 'member@example.com',
};
const pair: KeyPair = { private: { kty: 'EC', d: 'secret-half' }, public: { kty: 'EC', kid: 'one' } };
const clients = clientsOf(setting, [pair, pair]);
const plans = plansOf(setting, [pair, pair], { secrets: { 'suite-basic': 's' }, invitation: 'invited' });

describe('the conformance suite', () => {
  it.each(clients.map((client) => [client.id, client]))('may register %s', (_id, client) => {
    expect(clientInput.safeParse(client).error?.issues).toBeUndefined();
  });

  it.each(plans.map((plan): [string, Plan] => [plan.file, plan]))(
    'is told of registered clients only: %s',
    (_file, plan) => {
      const asked = JSON.stringify(plan.configuration).match(/"client_id":"[^"]+"/g) ?? [];
      const known = clients.map(({ id }) => `"client_id":"${id}"`);
      expect(known).toEqual(expect.arrayContaining(asked));
      expect(plan.configuration).toMatchObject({
        server: { discoveryUrl: 'https://id.example/.well-known/openid-configuration' },
      });
    },
  );

  it('gets no private key registered', () => {
    expect(JSON.stringify(clients)).not.toContain('secret-half');
  });

  it('has a plan for everything that is claimed', () => {
    expect(plans.map(({ name }) => name.replace(/\[.*/, ''))).toEqual([
      'oidcc-basic-certification-test-plan',
      'oidcc-config-certification-test-plan',
      'oidcc-formpost-basic-certification-test-plan',
      'oidcc-dynamic-certification-test-plan',
      'oidcc-3rdparty-init-login-certification-test-plan',
      'oidcc-rp-initiated-logout-certification-test-plan',
      'oidcc-backchannel-rp-initiated-logout-certification-test-plan',
      'fapi2-security-profile-final-test-plan',
      'fapi2-message-signing-final-test-plan',
      'fapi-ciba-id1-test-plan',
    ]);
  });
});
