/** `symbolon sites`: a new site in one call, and a look at one as its first visitor. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseDocument } from '../../business/layers/folder.ts';
import type { Json } from '../../business/layers/json.ts';
import type { SiteReport } from '../sites/new-site.ts';
import type { SmokeReport } from '../sites/smoke.ts';
import { type Answer, exitCodes, InputFaults, table } from './answer.ts';
import { type AddOptions, described, inOptionWords } from './client-options.ts';
import type { World } from './world.ts';

/** The options of `sites add`. */
export interface SiteOptions extends AddOptions {
  origin?: string;
  layer?: string;
  message?: string;
  /** `--no-smoke`. */
  smoke: boolean;
}

/**
 * Makes a site and tries it.
 * @param world the rest
 * @param options what describes the client, its layer, and whether it is tried
 * @throws InputFaults with every fault of the client; ConfigurationRefused with every fault of the layer
 */
export function addSite(world: World, options: SiteOptions): Promise<Answer> {
  return world.withProgram(async ({ sites }) => {
    const { origin, message, smoke } = options;
    const client = described(options);
    const layer = options.layer === undefined ? undefined : readLayer(options.layer);
    const visit = world.visit();
    const who = { by: { kind: 'operator' as const, id: visit.actor.id ?? '' }, visit };
    const report = await inOptionWords(() => sites.add({ client, origin, layer, message, smoke }, who));
    const text = [
      `The site ${report.client.id} is registered. Put this into the environment of its application:`,
      '',
      ...Object.entries(report.env).map(([name, value]) => `${name}=${value}`),
      ...(report.secret === undefined ? [] : ['', 'The secret is shown this once and cannot be had again.']),
      ...layerWords(report),
      ...report.notes,
      ...(report.smoke ? ['', ...smokeWords(report.smoke)] : []),
    ].join('\n');
    const failed = report.smoke?.ok === false || report.layer?.state === 'failed';
    return { text, data: report, ...(failed && { exitCode: exitCodes.refused }) };
  });
}

/**
 * Tries the site of a client.
 * @param world the rest
 * @param id client id
 * @throws DomainError `client.unknown`
 */
export function checkSite(world: World, id: string): Promise<Answer> {
  return world.withProgram(async ({ sites }) => {
    const report = await sites.smoke(id);
    const text = smokeWords(report).join('\n');
    return { text, data: report, ...(!report.ok && { exitCode: exitCodes.refused }) };
  });
}

function layerWords({ layer }: SiteReport): string[] {
  if (!layer) return [];
  const { state, draft, reason } = layer;
  if (state === 'live') return ['', 'Its layer is live.'];
  if (state === 'waiting') return ['', `Its layer waits for approval as the draft ${draft}.`];
  return ['', `Its layer did not go live (${reason}); it stands as the draft ${draft}.`];
}

function smokeWords({ ok, checks, links }: SmokeReport): string[] {
  const rows = checks.map((check) => [stateOf(check), check.name, check.detail]);
  return [
    table(['', 'smoke journey', ''], rows),
    '',
    ok ? 'The site works.' : 'The site does not work yet: see what failed above.',
    ...(links.signIn ? ['', 'To look at it:', links.signIn, links.register ?? ''] : []),
  ];
}

function stateOf({ ok, skipped }: SmokeReport['checks'][number]): string {
  if (skipped) return 'not tried';
  return ok ? 'ok' : 'FAILED';
}

function readLayer(file: string): Json {
  try {
    return z.json().parse(parseDocument(readFileSync(file, 'utf8'), file));
  } catch (error) {
    const why =
      error instanceof Error && 'code' in error && error.code === 'ENOENT'
        ? 'cannot be read'
        : 'is no JSON or YAML';
    throw new InputFaults([`--layer: ${file} ${why}`]);
  }
}
