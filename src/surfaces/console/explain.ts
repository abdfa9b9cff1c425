/** Where the effective values of a brand in a market, or of a site, come from: which layer, which release, who, when. */
import { z } from 'zod';
import type { Route } from '../../base/http/routes.ts';
import { explainFor } from '../desk/effective.ts';
import { brandName } from './choices.ts';
import { valueText } from './comparisons.ts';
import type { ConsoleDeps } from './deps.ts';
import { explainView } from './draft-views.ts';
import { areaPath } from './nav.ts';
import { namesOf } from './people.ts';
import { type ConsoleRefused, refusalOf } from './refusals.ts';
import { shownRelease } from './shown.ts';
import { consolePage, showConsole } from './staff.ts';
import { placeNames } from './targets.ts';

const name = z.string().max(64).optional();
const given = (text: string | undefined) => (text === '' ? undefined : text);

/**
 * The route of the explanation.
 * @param deps modules
 */
export function explainRoutes(deps: ConsoleDeps): Route[] {
  return [
    consolePage(deps, {
      name: 'explain',
      path: areaPath('explain'),
      input: {
        query: z.object({
          brand: name,
          market: name,
          client_id: name,
          key: z.string().trim().max(300).optional(),
        }),
      },
      async show(here, { query }) {
        const asked = {
          brand: given(query.brand),
          market: given(query.market),
          client_id: given(query.client_id),
          key: given(query.key),
        };
        let refused: ConsoleRefused | undefined;
        const found = Object.values(asked).some((each) => each !== undefined)
          ? await explainFor(deps, here.acting, asked).catch((error) => {
              refused = refusalOf(error);
              return undefined;
            })
          : undefined;
        const { configuration } = deps.releases.live.current().all;
        const names = placeNames(configuration, here.visit.locale);
        const nameOf = await namesOf(
          deps,
          here,
          (found?.values ?? []).map(({ release }) => release?.author),
        );
        showConsole(deps, here, {
          view: explainView,
          area: 'explain',
          refused,
          data: {
            action: areaPath('explain'),
            asked: {
              brand: asked.brand ?? found?.place.brand,
              market: asked.market ?? found?.place.market,
              clientId: asked.client_id,
              key: asked.key,
            },
            brands: [...configuration.brands.keys()].map((id) => ({
              id,
              name: brandName(configuration, id),
            })),
            markets: [...configuration.markets.keys()].map((id) => ({ id, name: names.market(id) })),
            values: found?.values.map(({ key, value, item, release, orEarlier }) => ({
              key,
              value: valueText(value) ?? '',
              item,
              orEarlier,
              said: release && {
                release: shownRelease(release),
                by: nameOf(release.author),
                at: release.at.toISOString(),
              },
            })),
          },
        });
      },
    }),
  ];
}
