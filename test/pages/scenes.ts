/** Every page in every state that can be shown: as its sample, as a refused form, and in its variants. */
import type { PageFrame, View } from '../../src/base/http/views.ts';
import { faultsAtEveryField } from '../../src/surfaces/previews/field-faults.ts';
import { frameOf, looks, pageOf, renderer, views } from './render-all.ts';
import { variants } from './variants.ts';

/** A page in one state. */
export interface Scene {
  /** Such as `interactions/register/refused`: the view's name, and its state. */
  id: string;
  view: View<unknown>;
  kind: 'shown' | 'refused' | 'variant';
  data: unknown;
  frame: Partial<PageFrame>;
}

/** The faults of a page on which everything was entered wrongly; none where no form can be refused. */
export const faultsOf = (view: View<unknown>) => faultsAtEveryField(pageOf(view));

function scenesOf(view: View<unknown>): Scene[] {
  const shown: Scene = { id: view.name, view, kind: 'shown', data: view.sample(), frame: {} };
  const faults = faultsOf(view);
  if (faults.length === 0) return [shown];
  return [shown, { ...shown, id: `${view.name}/refused`, kind: 'refused', frame: { faults } }];
}

const slug = (words: string) => words.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');

/** Every scene, by its view. */
export const scenes: readonly Scene[] = [
  ...views.flatMap(scenesOf),
  ...variants.map(
    ([name, { view, data }]): Scene => ({
      id: `${view.name}/${slug(name)}`,
      view,
      kind: 'variant',
      data,
      frame: { clientName: undefined },
    }),
  ),
];

/**
 * A scene as a whole document.
 * @param id of the scene
 * @param look id of the look
 * @param locale code of the language
 * @returns nothing when there is no such scene or look
 */
export function sceneHtml(id: string, look: string, locale: string): string | undefined {
  const scene = scenes.find((one) => one.id === id);
  const brand = looks.find((one) => one.id === look);
  return scene && brand && renderer.page(scene.view, frameOf(brand, locale, scene.frame), scene.data);
}
