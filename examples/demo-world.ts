/**
 * The demo world: who is registered with the issuer, and starting everything that is not the issuer itself.
 * Secrets are always brought by the caller; none is written here.
 */
import type { RunningSite } from './sites/site.ts';
import { startSite } from './sites/site.ts';
import type { SiteData } from './sites/sites.ts';
import { airline, drinks, fuel, grocery, partner, programSites } from './sites/sites.ts';
import type { RunningUpstream } from './upstream/server.ts';
import { startUpstream } from './upstream/server.ts';
import type { UpstreamClient } from './upstream/state.ts';

/** The grant of devices without a browser (RFC 8628). */
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** A client of the demo, as the issuer registers one. */
export interface DemoClient {
  /** The client_id. */
  id: string;
  name: string;
  /** Id of the brand whose look its pages have. */
  brand: string;
  /** Id of its market; the brand's usual one when absent. */
  market?: string;
  /** The program's own: scopes are not asked for. A third party is pairwise and needs consent. */
  firstParty: boolean;
  /** By the standard's names (RFC 7591); response types and algorithms follow from the rest. */
  metadata: {
    application_type: 'web' | 'native';
    token_endpoint_auth_method: 'client_secret_basic' | 'none';
    grant_types: ('authorization_code' | 'refresh_token' | 'client_credentials' | typeof deviceGrant)[];
    redirect_uris?: string[];
    post_logout_redirect_uris?: string[];
    /** Space-separated; none for a machine that acts for itself. */
    scope?: string;
    subject_type?: 'public' | 'pairwise';
    client_uri?: string;
    /** The protocol library accepts only https here: an issuer on plain http keeps this address from it. */
    initiate_login_uri?: string;
    backchannel_logout_uri?: string;
    backchannel_logout_session_required?: boolean;
    /** What it may ask for by rich authorization requests (RFC 9396). */
    authorization_details_types?: 'points_redemption'[];
  };
}

/** Ports of the demo world on the loopback address; 0 picks a free one. */
export interface DemoPorts {
  airline: number;
  grocery: number;
  fuel: number;
  drinks: number;
  partner: number;
  upstream: number;
}

/** The ports the demo listens on unless told otherwise. */
export const demoPorts: DemoPorts = {
  airline: airline.port,
  grocery: grocery.port,
  fuel: fuel.port,
  drinks: drinks.port,
  partner: partner.port,
  upstream: 4010,
};

/** The public client of `examples/native-app`. */
export const nativeClientId = 'aurora-air-app';

/** The public client of `examples/device`. */
export const deviceClientId = 'aurora-air-screen';

/** The machine client: the program's points engine, acting for itself. */
export const machineClientId = 'points-engine';

const sitesByPort: readonly [keyof DemoPorts, SiteData][] = [
  ['airline', airline],
  ['grocery', grocery],
  ['fuel', fuel],
  ['drinks', drinks],
  ['partner', partner],
];

/**
 * The clients to register with the issuer before the demo starts. Ports must be known by then, so none may be 0.
 * @param ports where the sites listen
 */
export function demoClients(ports: DemoPorts = demoPorts): DemoClient[] {
  return [
    ...sitesByPort.map(([name, site]) => siteClient(site, ports[name])),
    nativeClient,
    deviceClient,
    machineClient,
  ];
}

const nativeClient: DemoClient = {
  id: nativeClientId,
  name: 'Aurora Air app',
  brand: airline.brand,
  firstParty: true,
  metadata: {
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    // The port is chosen when the app starts; the issuer ignores it on a loopback address (RFC 8252 section 7.3).
    redirect_uris: ['http://127.0.0.1/callback'],
    scope: 'openid profile email offline_access',
  },
};

const deviceClient: DemoClient = {
  id: deviceClientId,
  name: 'Aurora Air seat screen',
  brand: airline.brand,
  firstParty: true,
  metadata: {
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: [deviceGrant, 'refresh_token'],
    scope: 'openid profile email offline_access',
  },
};

const machineClient: DemoClient = {
  id: machineClientId,
  name: 'Points engine',
  brand: airline.brand,
  firstParty: true,
  metadata: {
    application_type: 'web',
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['client_credentials'],
  },
};

function siteClient(site: SiteData, port: number): DemoClient {
  const url = `http://${site.host}:${port}`;
  const firstParty = site !== partner;
  return {
    id: site.id,
    name: site.name,
    brand: site.brand,
    firstParty,
    metadata: {
      application_type: 'web',
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: [`${url}/callback`],
      post_logout_redirect_uris: [`${url}/signed-out`],
      scope: 'openid profile email offline_access',
      subject_type: firstParty ? 'public' : 'pairwise',
      client_uri: url,
      initiate_login_uri: `${url}/start-login`,
      // Servers do not know the browsers' host names, so this one is a loopback address.
      backchannel_logout_uri: `http://127.0.0.1:${port}/backchannel-logout`,
      backchannel_logout_session_required: true,
      ...(site.redemption && { authorization_details_types: ['points_redemption' as const] }),
    },
  };
}

/** What the demo world needs. */
export interface DemoWorldOptions {
  issuer: string;
  /** Client secrets by client id, as registered with the issuer. */
  secrets: Readonly<Record<string, string>>;
  ports?: DemoPorts;
  /** What the issuer is registered as at the local upstream; without it no upstream is started. */
  upstream?: { googleClient: UpstreamClient; facebookApp: UpstreamClient } | undefined;
  /** Another address at which the sites' servers reach the issuer. */
  fetchIssuerAt?: string | undefined;
}

/** A running demo world. */
export interface DemoWorld {
  sites: { id: string; name: string; url: string }[];
  upstream: RunningUpstream | undefined;
  stop(): Promise<void>;
}

/**
 * Starts the sites and the local upstream. The issuer need not be up yet: it is asked when somebody signs in.
 * @param options issuer, secrets, ports
 * @throws Error when a port is in use (then nothing is left running) or a secret is missing
 */
export async function startDemoWorld(options: DemoWorldOptions): Promise<DemoWorld> {
  const ports = options.ports ?? demoPorts;
  const running: { stop(): Promise<void> }[] = [];
  const stop = async () => {
    await Promise.all(running.map((each) => each.stop()));
  };
  try {
    const upstream = options.upstream && (await startUpstream({ port: ports.upstream, ...options.upstream }));
    if (upstream) running.push(upstream);
    const sites: DemoWorld['sites'] = [];
    for (const [name, site] of sitesByPort) {
      const started = await startDemoSite(options, site, ports, name);
      running.push(started);
      sites.push({ id: site.id, name: site.name, url: started.url });
    }
    return { sites, upstream, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startDemoSite(
  options: DemoWorldOptions,
  site: SiteData,
  ports: DemoPorts,
  name: keyof DemoPorts,
): Promise<RunningSite> {
  const clientSecret = options.secrets[site.id];
  if (clientSecret === undefined) throw new Error(`no secret for the demo's client ${site.id}`);
  const siblings = sitesByPort
    .filter(([, other]) => other !== site && programSites.includes(other))
    .map(([key, other]) => ({ name: other.name, url: `http://${other.host}:${ports[key]}` }));
  return startSite({
    site,
    issuer: options.issuer,
    clientId: site.id,
    clientSecret,
    port: ports[name],
    siblings,
    ...(options.fetchIssuerAt === undefined ? {} : { fetchIssuerAt: options.fetchIssuerAt }),
  });
}
