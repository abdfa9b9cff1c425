/** The rules of attributes in a real browser: never stricter than the server, and the same pattern. */
import { beforeAll, expect, it } from '@jest/globals';
import { escapeHtml } from '../../src/base/i18n/i18n.ts';
import { questionIn } from '../../src/business/profiles/attribute-input.ts';
import type { AttributeDefinition } from '../../src/business/profiles/attribute-shape.ts';
import { readValue } from '../../src/business/profiles/attribute-values.ts';
import { context, define, everyType } from '../business/profiles/definitions.ts';
import { describeInBrowser, type Visitor, visitor } from '../support/browser.ts';

/** What a browser says of a text in the input of an attribute, once somebody has typed it. */
async function judged({ page }: Visitor, definition: AttributeDefinition, text: string): Promise<boolean> {
  const question = questionIn({ name: 'it', definition, required: false }, 'en', context);
  const attributes = Object.entries(question.input).map(
    ([name, value]) => `${name}="${escapeHtml(String(value))}"`,
  );
  await page.setContent(`<form><input ${attributes.join(' ')}></form>`);
  await page.fill('input', text);
  return page.evaluate<boolean>("document.querySelector('input').checkValidity()");
}

const of = (name: string) => everyType[name] as AttributeDefinition;
const name = define('text', { pattern: '[\\p{L}\\p{M} ’\\-]{1,40}' });

describeInBrowser('the rules of an attribute in a browser', () => {
  let person: Visitor;
  beforeAll(async () => {
    person = await visitor();
  });

  it.each<[string, AttributeDefinition, string, boolean]>([
    ['text', of('motto'), 'Go!', true],
    ['text', of('motto'), '𠮷𠮷𠮷𠮷𠮷', true],
    ['text', of('motto'), 'x', false],
    ['pattern', of('flight_number'), 'LH400', true],
    ['pattern', of('flight_number'), 'LH400x', false],
    ['pattern', name, 'Ōtani-Müller ’s', true],
    ['pattern', name, 'x1', false],
    ['number', of('cars'), '3', true],
    ['number', of('cars'), '11', false],
    ['number', of('cars'), '1.5', false],
    ['date', of('birthdate'), '2000-02-29', true],
    ['date', of('birthdate'), '2026-05-01', false],
    ['email', of('work_email'), 'mika@example.com', true],
    ['email', of('work_email'), 'mika@', false],
    ['phone', of('phone_number'), '+49 (30) 123-456', true],
    ['reference', of('store'), 'de-042', true],
    ['reference', of('store'), 'de-42', false],
  ])('%s: %#', async (_kind, definition, text, fine) => {
    const server = readValue(definition, text, context).fault === undefined;
    expect({ text, browser: await judged(person, definition, text), server }).toEqual({
      text,
      browser: fine,
      server: fine,
    });
  });
});
