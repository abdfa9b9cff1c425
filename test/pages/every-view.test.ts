import { expect, it } from '@jest/globals';
import { templateNames } from './every-view.ts';
import { views } from './render-all.ts';

it('every template of a page belongs to a view, and every view has its template', () => {
  expect(views.map(({ name }) => name).sort()).toEqual(templateNames());
});
