/** A whole issuer with the demo world beside it, all on free ports, as `npm start` brings them up. */
import { type DemoPorts, type DemoWorld, demoClients, startDemoWorld } from '../../examples/demo-world.ts';
import { upstreamEndpoints } from '../../examples/upstream/server.ts';
import { demoMember, seedMember } from '../../src/demo.ts';
import { atEnd } from './database.ts';
import { startIssuer, type TestIssuer } from './issuer.ts';
import { freePort } from './ports.ts';

/** The sites of the demo, by what they are. */
export type SiteName = 'airline' | 'grocery' | 'fuel' | 'drinks' | 'partner';

/** The running demo. */
export interface TestDemo {
  issuer: TestIssuer;
  world: DemoWorld;
  /** The address of a site, without a slash at its end. */
  site(name: SiteName): string;
  /** Makes another member with a proven address, the demo member's password and the terms accepted. */
  member(email: string, name: string): Promise<{ email: string; password: string }>;
}

const googleClient = { clientId: 'demo-google', clientSecret: 'secret-of-demo-google' };
const facebookApp = { clientId: 'demo-facebook', clientSecret: 'secret-of-demo-facebook' };

/** Starts the issuer, the sites and the local upstream; all of it is stopped after the test file. */
export async function startDemo(): Promise<TestDemo> {
  const ports = await freePorts();
  const { google, facebook } = upstreamEndpoints(ports.upstream);
  const issuer = await startIssuer({
    env: {
      SYMBOLON_GOOGLE_CLIENT_ID: googleClient.clientId,
      SYMBOLON_GOOGLE_CLIENT_SECRET: googleClient.clientSecret,
      SYMBOLON_GOOGLE_AUTHORIZATION_URL: google.authorizationUrl,
      SYMBOLON_GOOGLE_TOKEN_URL: google.tokenUrl,
      SYMBOLON_GOOGLE_USERINFO_URL: google.userinfoUrl,
      SYMBOLON_FACEBOOK_APP_ID: facebookApp.clientId,
      SYMBOLON_FACEBOOK_APP_SECRET: facebookApp.clientSecret,
      SYMBOLON_FACEBOOK_AUTHORIZATION_URL: facebook.authorizationUrl,
      SYMBOLON_FACEBOOK_TOKEN_URL: facebook.tokenUrl,
      SYMBOLON_FACEBOOK_USERINFO_URL: facebook.userinfoUrl,
    },
  });
  const secrets: Record<string, string> = {};
  for (const draft of demoClients(ports)) secrets[draft.id] = (await issuer.client(draft)).secret;
  const world = await startDemoWorld({
    issuer: issuer.url,
    secrets,
    ports,
    upstream: { googleClient, facebookApp },
  });
  atEnd(() => world.stop());
  return {
    issuer,
    world,
    site: (name) => `http://${name}.localhost:${ports[name]}`,
    async member(email, name) {
      const { password } = demoMember;
      await seedMember(issuer.issuer, { email, name, password });
      return { email, password };
    },
  };
}

async function freePorts(): Promise<DemoPorts> {
  const found = new Set<number>();
  while (found.size < 6) found.add(await freePort());
  const [airline = 0, grocery = 0, fuel = 0, drinks = 0, partner = 0, upstream = 0] = found;
  return { airline, grocery, fuel, drinks, partner, upstream };
}
