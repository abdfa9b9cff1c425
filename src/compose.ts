/**
 * Joins everything: each module gets what it needs as arguments, and ports from a layer to a later one are filled
 * here. The one place that knows all modules; it decides nothing.
 */
import type Koa from 'koa';
import { createApp } from './app.ts';
import type { Outbox } from './base/db/outbox.ts';
import type { Tx } from './base/db/transaction.ts';
import { watchCollection } from './base/db/watch.ts';
import { createAssets } from './base/http/assets.ts';
import { createClientCertificates } from './base/http/client-certificate.ts';
import { createCookies } from './base/http/cookies.ts';
import { createCsrf } from './base/http/csrf.ts';
import { createKeptForms } from './base/http/kept-forms.ts';
import { createLogoReencoder } from './base/http/logo/logo.ts';
import type { Route } from './base/http/routes.ts';
import { createRenderer } from './base/http/views.ts';
import { createI18n } from './base/i18n/i18n.ts';
import type { Visit } from './base/kernel/visit.ts';
import { createMailer } from './base/mail/mailer.ts';
import { createMailRenderer, type LogoAddress } from './base/mail/render.ts';
import { createTransport } from './base/mail/transport.ts';
import { createClientCache } from './business/clients/client-cache.ts';
import type { ClientRecord } from './business/clients/client-record.ts';
import type { DryRuns } from './business/dry-runs/dry-runs.ts';
import { createRecordedJourneys, type RecordedJourneys } from './business/dry-runs/recorded.ts';
import { termsOfMember } from './business/purposes/asked-texts.ts';
import { composeApis } from './compose-apis.ts';
import type { Core } from './compose-core.ts';
import { composePeople, type People } from './compose-people.ts';
import { composeSites } from './compose-sites.ts';
import { dryRunsOf } from './journey-rules.ts';
import type { QuestionVisit } from './people/answers/questions.ts';
import { memberValues } from './people/members/member-values.ts';
import { memberCollections } from './people/members/model.ts';
import { createUpstreams } from './people/upstreams/service.ts';
import { deliverBackchannelPings } from './protocol/deliveries/backchannel-pings.ts';
import { createDeliveries } from './protocol/deliveries/deliveries.ts';
import { deliverLogoutNotices } from './protocol/deliveries/logout-notices.ts';
import type { DeviceAnswer } from './protocol/oidc/device-flow.ts';
import { createOidc, type Oidc } from './protocol/oidc/oidc.ts';
import { askMembers } from './surfaces/account/ask.ts';
import { accountRoutes } from './surfaces/account/routes.ts';
import { recordSupportAccess } from './surfaces/account/support-access.ts';
import { consoleRoutes } from './surfaces/console/routes.ts';
import { standingOf } from './surfaces/desk/standing.ts';
import { noteEvent } from './surfaces/interactions/complete.ts';
import { deviceRoutes } from './surfaces/interactions/device-routes.ts';
import { interactionRoutes } from './surfaces/interactions/routes.ts';
import { createTurns } from './surfaces/interactions/turns.ts';
import { createLastClient } from './surfaces/pages/last-client.ts';
import { createPages, type Pages } from './surfaces/pages/pages.ts';
import { createProtocolPages } from './surfaces/pages/protocol-pages.ts';
import { pageRoutes } from './surfaces/pages/routes.ts';
import { createPreviews } from './surfaces/previews/previews.ts';
import type { Sites } from './surfaces/sites/new-site.ts';
import { registerTasks } from './tasks.ts';

/** A composed issuer, ready to listen. */
export interface Issuer {
  core: Core;
  people: People;
  oidc: Oidc;
  outbox: Outbox;
  /** What a configuration would change for members. */
  dryRuns: DryRuns;
  /** Makes sites, and tries them. */
  sites: Sites;
  /** What members really do, by shape. */
  journeys: RecordedJourneys;
  /** Every route of the surfaces, for tests and documentation. */
  routes: readonly Route[];
  app: Koa;
  /** Says which port is listened on, where the configuration leaves it open. */
  listensAt(port: number): void;
  /** Lets go of everything but the databases, which whoever opened them closes. */
  close(): Promise<void>;
}

/** Routes that only some starts have, such as the development mailbox. */
export type ExtraRoutes = (shared: { pages: Pages }) => Route[];

/**
 * Composes an issuer on a core.
 * @param core databases, keys, events and the other foundations
 * @param smtpUrl where mails go
 * @param extraRoutes further routes
 */
export async function compose(
  core: Core,
  smtpUrl: string,
  extraRoutes: ExtraRoutes = () => [],
): Promise<Issuer> {
  const { config, clock, ids, db, keys, events, outbox, log, metrics, experiences, purposes, outbound } =
    core;
  const i18n = createI18n({
    onMissing: (locale, key) => log.error({ locale, key }, 'a text is missing in a catalogue'),
  });
  const assets = createAssets({ lookOf: experiences.lookOf });
  const renderer = createRenderer({ i18n, assets, clock });
  const cookies = createCookies(config.issuer);
  const csrfKeys = () => keys.ring('csrf').all.map(({ key }) => key);
  const csrf = createCsrf({
    keys: csrfKeys,
    clock,
    issuer: config.issuer,
  });
  const transport = createTransport({ smtpUrl, from: config.mailFrom });
  const logoAddress: LogoAddress = (look) => {
    const path = assets.logoUrl(look);
    return path && `${config.issuer}${path}`;
  };
  const render = createMailRenderer(i18n, logoAddress);
  const mailer = createMailer<Tx>({ outbox, render, transport });
  const clientCache = await createClientCache({ connection: db.main, watch: watchCollection });
  const findClient = (id: string) => clientCache.find(id);
  const people = await composePeople(core, { i18n });
  core.workflow.knowValues(memberValues(people.attributeScan, clock));
  core.workflow.knowStanding(standingOf({ ...people, clients: core.clients, releases: core.releases }));
  const lastClient = createLastClient({
    cookies,
    keys: csrfKeys,
    issuer: config.issuer,
    findClient,
  });
  const pages = createPages({
    issuer: config.issuer,
    renderer,
    assets,
    i18n,
    csrf,
    cookies,
    experiences,
    lastClient,
  });
  const oidc = createOidc({
    connection: db.main,
    memberCollection: memberCollections.members,
    issuer: config.issuer,
    keys,
    clock,
    ids,
    sealer: keys.sealer('artefacts'),
    outbox,
    members: people.members,
    throttles: people.throttles,
    clients: { find: findClient, verifySecret: core.clients.verifySecret },
    pages: createProtocolPages({ pages: () => pages, members: people.members, findClient, log }),
    resources: () => experiences.program.resources,
    programName: () => experiences.program.name,
    lifetimes: { sessionIdle: config.session.idleSeconds, sessionAbsolute: config.session.absoluteSeconds },
    authorizationPost: config.authorizationPost,
    mtls:
      config.mtls.certificateHeader === undefined
        ? undefined
        : {
            certificates: createClientCertificates({
              header: config.mtls.certificateHeader,
              authorities: config.mtls.authorities,
              host: config.mtls.url === undefined ? undefined : new URL(config.mtls.url).host,
              clock,
            }),
            origin: config.mtls.url,
          },
    locales: i18n.locales.map(({ tag }) => tag),
    outbound,
    invitations: core.invitations,
    registrations: core.registrations,
    mayIntrospectOthers: async (id) => (await findClient(id))?.resourceServer === true,
    async allowedAccess(memberId, clientId) {
      const grant = await people.consents.grantOf(memberId, clientId);
      return (
        grant && {
          scopes: grant.scopes,
          claims: grant.claims ?? [],
          resources: Object.fromEntries(grant.resources.map(({ resource, scopes }) => [resource, scopes])),
        }
      );
    },
    experiences,
    livePurposes: (member, at) => people.consents.live(member, at),
    missingTerms: (member, clientId) => missingTerms(core, people, { member, brand: findClient(clientId) }),
    async missingAnswers(member, visit) {
      const at = await questionVisitOf(core, findClient, visit);
      return at ? (await people.questions.missing(member, at)).map(({ attribute }) => attribute) : [];
    },
    async waitingScopes(member, visit) {
      const at = await questionVisitOf(core, findClient, visit);
      return at ? people.questions.waitingScopes(member, at) : [];
    },
    async mayAsk(member, visit) {
      const at = await questionVisitOf(core, findClient, visit);
      return at !== undefined && people.questions.mayAsk(member, at);
    },
    describeVisit: (ctx) => JSON.stringify({ ua: ctx.state.visit.userAgent, ip: ctx.state.visit.ip }),
    onTokenGrant: (grantType) => metrics.tokenGrant(grantType),
    onDeviceAnswer: (ctx, answer) => noteDeviceAnswer(outbox, ctx.state.visit, answer),
    onImpersonation: (ctx, fact) =>
      recordSupportAccess(
        { db, clock, events, members: people.members, mailer, i18n, experiences, findClient },
        ctx.state.visit,
        fact,
      ),
    onServerError: (error) => log.error({ error }, 'a protocol endpoint failed'),
    onSwapFailure: (error) =>
      log.error({ error }, 'a provider could not be built from changed keys or configuration'),
  });
  const upstreams = createUpstreams({
    google: config.google,
    facebook: config.facebook,
    callbackUrl: (provider) => `${config.issuer}/callback/${provider}`,
    clock,
    ids,
  });
  const turns = createTurns(clock);
  const journeys = createRecordedJourneys({
    connection: db.main,
    clock,
    onLost: (count) => metrics.journeysLost(count),
  });
  const dryRuns = dryRunsOf(core, journeys, i18n);
  const shared = {
    issuer: config.issuer,
    db,
    clock,
    cookies,
    i18n,
    log,
    metrics,
    events,
    mailer,
    outbox,
    findClient,
    experiences,
    purposes,
    upstreams,
    oidc,
    pages,
    lastClient,
    journeys,
    ...people,
  };
  const listener = { host: config.host, port: config.port };
  const sites = composeSites(core, { i18n, listener: () => listener, patienceMs: 0 });
  // One for all: images are decoded one at a time, wherever they come from.
  const reencodeLogo = createLogoReencoder();
  const apis = composeApis(core, { oidc, people, i18n, dryRuns, sites, reencodeLogo });
  const wayBackKeys = () => ({
    current: keys.secret('csrf'),
    all: csrfKeys(),
  });
  const routes = [
    ...pageRoutes({ ...shared, assets }),
    ...interactionRoutes({ ...shared, turns }),
    ...deviceRoutes({ ...shared, turns }),
    ...accountRoutes({ ...shared, wayBackKeys }),
    ...consoleRoutes({
      ...shared,
      wayBackKeys,
      clients: core.clients,
      releases: core.releases,
      workflow: core.workflow,
      dryRuns,
      previews: createPreviews({
        ...shared,
        assets,
        live: core.releases.live,
        drafts: core.workflow.drafts,
      }),
      reencodeLogo,
      ids,
      idempotencyKeys: apis.guards.idempotencyKeys,
      keptForms: createKeptForms({
        connection: db.main,
        clock,
        hmacKey: keys.secret('codes'),
        sealer: keys.sealer('outbox'),
      }),
    }),
    ...apis.routes,
    ...extraRoutes({ pages }),
  ];
  registerTasks({ outbox, oidc, events, db, members: people.members });
  const deliveries = createDeliveries({ connection: db.main, clock });
  metrics.watch('deliveriesAge', () => deliveries.oldestDueSeconds());
  deliverLogoutNotices({ db, outbox, deliveries, metrics, outbound, tokens: oidc.logoutTokens });
  deliverBackchannelPings({
    outbox,
    deliveries,
    metrics,
    outbound,
    findClient,
    requests: oidc.backchannelRequests,
  });
  askMembers(shared);
  const app = createApp({
    core,
    oidc,
    pages,
    routes,
    guards: apis.guards,
    crossOrigin: apis.crossOrigin,
    csrf,
    cookies,
    i18n,
    throttles: people.throttles,
    turns,
    lastClient,
  });
  return {
    core,
    people,
    oidc,
    outbox,
    dryRuns,
    sites,
    journeys,
    routes,
    app,
    listensAt(port) {
      listener.port = port;
    },
    async close() {
      await outbox.stop();
      await journeys.close();
      await people.throttles.close();
      await clientCache.close();
      transport.close();
    },
  };
}

/** What a member said about a device, beside the answer itself: it becomes an event. */
async function noteDeviceAnswer(outbox: Outbox, visit: Visit, answer: DeviceAnswer): Promise<void> {
  const { member, clientId, allowed } = answer;
  const payload = {
    type: allowed ? 'device.allowed' : 'device.denied',
    memberId: member._id,
    visit: { ...visit, actor: { kind: 'member', id: member._id } },
    data: { client: clientId },
  };
  await outbox.add({ kind: noteEvent, payload });
}

/** Required texts of the client's brand in the member's jurisdiction that the member has not agreed to. */
async function missingTerms(
  core: Core,
  people: People,
  asked: {
    member: { _id: string; locale: string; market: string };
    brand: Promise<{ brand: string } | undefined>;
  },
): Promise<string[]> {
  const { market, locale } = asked.member;
  const required = termsOfMember(core, { brand: (await asked.brand)?.brand || undefined, market, locale });
  if (required.length === 0) return [];
  return (await people.consents.missing(asked.member._id, required)).map((text) => text.id);
}

/** Where a request leads, as questions are chosen by; on the way to their own account nobody is asked. */
async function questionVisitOf(
  { experiences }: Core,
  findClient: (id: string) => Promise<ClientRecord | undefined>,
  { clientId, scopes }: { clientId: string; scopes: readonly string[] },
): Promise<QuestionVisit | undefined> {
  const client = await findClient(clientId);
  if (!client) return undefined;
  const { brand, market } = client;
  const experience = experiences.experienceFor({ clientId, brand: brand || undefined, market });
  return { experience, clientId, scopes };
}
