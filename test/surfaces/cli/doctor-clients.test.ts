/** What doctor finds at the relying parties. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createOutbound, type Outbound } from '../../../src/base/http/outbound.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import type { Experiences } from '../../../src/business/experiences/experiences.ts';
import { clientFindings } from '../../../src/surfaces/cli/doctor-clients.ts';
import type { Finding } from '../../../src/surfaces/cli/finding.ts';
import type { World } from '../../../src/surfaces/cli/world.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';

const visit = systemVisit('test');

/** The same in a program that asks for a second person. */
const askingForApproval = ({ program, brands }: Experiences) => ({
  brands,
  program: { ...program, approvals: 1 },
});

describe('doctor', () => {
  let issuer: TestIssuer;
  let found: Finding[];

  beforeAll(async () => {
    issuer = await startIssuer();
    const { core } = issuer.issuer;
    const answers: Record<string, () => Response> = {
      'https://good.example/jwks': () => Response.json({ keys: [{ kty: 'EC' }] }),
      'https://gone.example/jwks': () => new Response(null, { status: 404 }),
      'https://page.example/jwks': () => new Response('<html>'),
    };
    const guarded = createOutbound({ allowList: [], development: false });
    const outbound: Outbound = {
      check: guarded.check,
      async fetch(url) {
        return answers[String(url)]?.() ?? guarded.fetch('https://10.0.0.1/');
      },
    };
    for (const name of ['good', 'gone', 'page', 'private']) {
      await core.clients.add(
        {
          id: name,
          name,
          brand: 'volt',
          metadata: {
            grant_types: ['client_credentials'],
            token_endpoint_auth_method: 'private_key_jwt',
            jwks_uri: `https://${name}.example/jwks`,
          },
        },
        visit,
      );
    }
    const redirect_uris = ['https://old.example/cb'];
    await core.clients.add(
      { id: 'old-shop', name: 'Old', brand: 'volt', pkceExempt: true, metadata: { redirect_uris } },
      visit,
    );
    const { staff } = issuer.issuer.people;
    for (const id of ['good', 'gone'])
      await staff.grant({ kind: 'client', id }, [{ permission: 'edit', layers: ['*'] }], visit);
    await staff.nameResponsible({ kind: 'client', id: 'gone' }, [{ id: 'mbr_ann', home: 'eu' }], visit);
    const world = {
      withProgram: (work: (program: object, config: object) => Promise<Finding[]>) =>
        work({ ...core, outbound, staff, experiences: askingForApproval(core.experiences) }, core.config),
    };
    found = await clientFindings(world as World);
  });

  it('lists clients that need not use PKCE, and how to end that', () => {
    expect(found).toContainEqual({
      check: 'clients',
      level: 'warning',
      message: 'old-shop need not use PKCE.',
      fix: expect.stringContaining('symbolon clients update old-shop --no-pkce-exempt'),
    });
  });

  it('lists machines that may draft and for which nobody answers', () => {
    const about = found.filter(({ message }) => message.includes('nobody answers'));
    expect(about).toEqual([
      {
        check: 'clients',
        level: 'warning',
        message: expect.stringMatching(/^good may draft/),
        fix: expect.stringContaining('symbolon staff grant good --client --responsible'),
      },
    ]);
  });

  it('lists clients whose keys cannot be fetched, and why', () => {
    const about = (id: string) =>
      found.find(({ message }) => message.startsWith(`The keys of ${id} `))?.message;
    expect(about('good')).toBeUndefined();
    expect(about('gone')).toContain('it answers 404');
    expect(about('page')).toContain('it is not JSON');
    expect(about('private')).toContain('address');
  });
});
