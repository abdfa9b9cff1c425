/** Every page of every brand as a preview: what the configuration says is on it, and it can do nothing. */
import { describe, expect, it } from '@jest/globals';
import { createAssets } from '../../../src/base/http/assets.ts';
import { createI18n } from '../../../src/base/i18n/i18n.ts';
import { DomainError } from '../../../src/base/kernel/errors.ts';
import { openConfiguration } from '../../../src/business/layers/configuration.ts';
import type { JsonObject } from '../../../src/business/layers/json.ts';
import type { Draft } from '../../../src/business/releases/draft.ts';
import type { DraftOutcome } from '../../../src/business/releases/draft-report.ts';
import type { Upstreams } from '../../../src/people/upstreams/service.ts';
import { inert } from '../../../src/surfaces/previews/inert.ts';
import { createPreviews } from '../../../src/surfaces/previews/previews.ts';
import { liveOf, shippedItems } from '../../support/configuration.ts';

const now = Date.parse('2026-06-02T10:00:00Z');
const refuse = () => {
  throw new Error('a preview does nothing');
};
const upstreams: Upstreams = {
  list: () => [{ id: 'google', label: 'Google' }],
  formActionOrigins: refuse,
  begin: refuse,
  finish: refuse,
};

/** Previews of the shipped program, and of one draft. */
function previewsOf(edit: (items: Map<string, JsonObject>) => void = () => {}) {
  const drafted = shippedItems();
  edit(drafted);
  let judged = 0;
  const live = liveOf(shippedItems());
  const previews = createPreviews({
    clock: { now: () => now },
    i18n: createI18n(),
    assets: createAssets({ lookOf: () => undefined }),
    live,
    upstreams,
    passwordRules: { minLength: 8, minStrength: 0 },
    drafts: {
      async get(id) {
        if (id !== 'drf_known') throw new DomainError('draft.unknown');
        return { id, version: 1, target: 'all' } as Draft;
      },
      async outcome() {
        judged += 1;
        return { items: drafted } as ReadonlyMap<string, JsonObject> extends never ? never : DraftOutcome;
      },
    },
  });
  return { previews, judged: () => judged };
}

type Previews = ReturnType<typeof previewsOf>['previews'];

async function placeIn(previews: Previews, at: Partial<Record<'draft' | 'brand' | 'market' | 'locale', string>> = {}) {
  const { draft, brand = 'aurora-air', market = 'de', locale = 'en' } = at;
  const place = previews.place(await previews.world(draft), { brand, market, locale });
  if (!place) throw new Error('no such place');
  return place;
}

const calm = { scheme: 'light', refused: false } as const;

async function shown(previews: Previews, id: string, at: Parameters<typeof placeIn>[1] = {}, looking: Parameters<Previews['document']>[2] = calm) {
  const place = await placeIn(previews, at);
  const page = previews.pages(place).find((each) => each.id === id);
  if (!page) throw new Error(`no page ${id} among ${previews.pages(place).map((each) => each.id)}`);
  return previews.document(place, page, looking);
}

describe('the pages of a place', () => {
  it('are all that its members can meet, each once', async () => {
    const { previews } = previewsOf();
    const ids = previews.pages(await placeIn(previews)).map(({ id }) => id);
    console.log(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
