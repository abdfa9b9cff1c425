/** Where in a text the parts of its document stand, as people count, in JSON and in YAML. */
import { describe, expect, it } from '@jest/globals';
import { placesIn } from '../../../src/business/layers/document-places.ts';

const json = `{
  "password": { "minLength": 8, "min~Length/2": 1 },
  "texts": {
    "en": { "sign-in.title": "Hello, \\"you\\"" }
  },
  "methods": [
    "password",
    ["passkey"], {"a": null}
  ]
}`;

const yaml = `# by hand
password:
  minLength: 8
  "min~Length/2": 1
methods:
  - password
  - id: x
texts: { en: { sign-in.title: Hello } }
`;

describe('a place in JSON', () => {
  it.each([
    ['/password', 2, 3, '"password": { "minLength": 8, "min~Length/2": 1 },'],
    ['/password/minLength', 2, 17, '"password": { "minLength": 8, "min~Length/2": 1 },'],
    ['/password/min~0Length~12', 2, 33, '"password": { "minLength": 8, "min~Length/2": 1 },'],
    ['/texts/en/sign-in.title', 4, 13, '"en": { "sign-in.title": "Hello, \\"you\\"" }'],
    ['/methods/0', 7, 5, '"password",'],
    ['/methods/1/0', 8, 6, '["passkey"], {"a": null}'],
    ['/methods/2/a', 8, 19, '["passkey"], {"a": null}'],
    ['', 1, 1, '{'],
  ])('is that of %s', (pointer, line, column, excerpt) => {
    expect(placesIn(json, true)(pointer)).toEqual({ line, column, excerpt });
  });

  it('is that of what is around a key that is not there', () => {
    const place = placesIn(json, true);
    expect(place('/texts/en/register.title')).toEqual(place('/texts/en'));
    expect(place('/defaultMarket')).toEqual(place(''));
  });

  it('is that of the last of two keys of one name, which is the one that counts', () => {
    expect(placesIn('{"a": 1,\n"a": 2}', true)('/a')).toMatchObject({ line: 2, column: 1 });
  });

  it.each([
    ['{\n  "a": x\n}', 2, 8],
    ['{ "a": 1, }', 1, 11],
    ['{ "a": 1', 1, 9],
    ['{ a: 1 }', 1, 3],
    ['[1\n 2]', 2, 2],
    ['{} {}', 1, 4],
    ['{ "a": 01 }', 1, 8],
    ['{ "a": "\\x" }', 1, 8],
    ['[', 1, 2],
  ])('is that of the first mistake in %j', (text, line, column) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(placesIn(text, true)('/a')).toMatchObject({ line, column });
  });

  it('is shown with no more of a long line than is near it', () => {
    const text = `{"a": "${'x'.repeat(500)}", "b": 1, "c": "${'y'.repeat(500)}"}`;
    const { excerpt } = placesIn(text, true)('/b');
    expect(excerpt).toMatch(/^…x+", "b": 1, "c": "y+…$/);
    expect(excerpt.length).toBeLessThan(125);
  });

  it('is found in what is nested deeper than anything is', () => {
    const deep = '['.repeat(200_000);
    expect(placesIn(deep, true)('/0/0')).toMatchObject({ line: 1 });
  });
});

describe('a place in YAML', () => {
  it.each([
    ['/password/minLength', 3, 3, 'minLength: 8'],
    ['/password/min~0Length~12', 4, 3, '"min~Length/2": 1'],
    ['/methods/0', 6, 5, '- password'],
    ['/methods/1/id', 7, 5, '- id: x'],
    ['/texts/en/sign-in.title', 8, 16, 'texts: { en: { sign-in.title: Hello } }'],
    ['/texts/de', 8, 1, 'texts: { en: { sign-in.title: Hello } }'],
  ])('is that of %s', (pointer, line, column, excerpt) => {
    expect(placesIn(yaml, false)(pointer)).toEqual({ line, column, excerpt });
  });

  it('is that of the first mistake where the text is none', () => {
    expect(placesIn('a: 1\nb: [1,\nc: }', false)('')).toMatchObject({ line: 3 });
  });
});
