/**
 * The smoke journey of a site: what its first visitor would meet, asked of the running issuer and compared with what is
 * configured. Signs nobody in and makes no member; what it leaves is an interaction that expires within the hour.
 */
import { contrastFaults } from '../../base/http/contrast.ts';
import { themeCss } from '../../base/http/theme.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { Journey } from '../../business/dry-runs/journey.ts';
import { journeyOutcome, type Outcome } from '../../business/dry-runs/outcome.ts';
import type { Experience } from '../../business/experiences/experience.ts';
import { registrationOf } from '../../business/profiles/registration-form.ts';
import { createVisitor, LoopbackError } from './loopback.ts';
import { type PagesSeen, pageChecks } from './smoke-pages.ts';
import { protocolChecks } from './smoke-protocol.ts';
import { authorizationOf, type SmokeCheck, type SmokeDeps, type Smoked, untried } from './smoked.ts';

/** What a smoke journey found. */
export interface SmokeReport {
  /** Whether nothing that was tried failed. */
  ok: boolean;
  checks: SmokeCheck[];
  /** Addresses to look at; absent for a client that sends nobody here. */
  links: { signIn?: string; register?: string };
}

/**
 * Makes the journey.
 * @param deps the running issuer, and what is configured
 * @param client whose site it is
 */
export async function smokeJourney(deps: SmokeDeps, client: ClientRecord): Promise<SmokeReport> {
  const { brand, market } = client;
  const experience = deps.world.experiences.experienceFor({ clientId: client.id, brand, market });
  const visitor = createVisitor(deps.issuer, deps.listener());
  const smoked = { deps, client, experience, visitor };
  const links = linksOf(smoked);
  try {
    const checks = [...(await protocolChecks(smoked)), ...(await pagesOf(smoked))];
    return { ok: checks.every(({ ok }) => ok), checks, links };
  } catch (error) {
    if (!(error instanceof LoopbackError)) throw error;
    return { ok: false, checks: [{ name: 'issuer', ok: false, detail: `${error.message}.` }], links };
  }
}

function linksOf(smoked: Smoked): SmokeReport['links'] {
  if (untried(smoked)) return {};
  const address = (more: Record<string, string>) => authorizationOf(smoked, more).url;
  return { signIn: address({}), register: address({ screen_hint: 'register' }) };
}

async function pagesOf(smoked: Smoked): Promise<SmokeCheck[]> {
  const why = untried(smoked);
  if (why) return [{ name: 'sign-in', ok: true, skipped: true, detail: why }];
  const { deps, client, experience, visitor } = smoked;
  const { locales } = experience;
  const { url, redirectUri } = authorizationOf(smoked, { ui_locales: locales.default });
  const first = await visitor.open(url);
  const joining = await visitor.open(`${new URL(first.url).pathname}?view=register`);
  const style = /href="(\/assets\/theme\/[^"]*)"/.exec(first.text)?.[1];
  const outcome = (kind: Journey['kind']): Outcome | undefined =>
    journeyOutcome(deps.world, journeyOf(client, experience, kind), deps.rules);
  const seen: PagesSeen = {
    first,
    joining,
    style: style ? await visitor.request(style.replaceAll('&amp;', '&')) : undefined,
    redirectUri,
    look: experience.look,
    tag: (language) => deps.i18n.locale(language).tag,
    css: themeCss(experience.look),
    contrast: contrastFaults(experience.look).map(({ pair }) => pair),
    pages: registrationOf(experience.forms).steps.length,
    signIn: outcome('sign-in'),
    register: outcome('register'),
  };
  return pageChecks(seen);
}

function journeyOf(client: ClientRecord, experience: Experience, kind: Journey['kind']): Journey {
  return {
    kind,
    brand: experience.brand.id,
    market: experience.market.id,
    clientId: client.id,
    firstParty: client.firstParty,
    locale: experience.locales.default,
    scopes: ['openid'],
    method: experience.methods[0] ?? '',
    person: {},
  };
}
