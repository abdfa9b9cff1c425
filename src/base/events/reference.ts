/** The page docs/events.md, from the catalogue. */
import { eventCatalogue } from './catalogue.ts';

/** Every event with what it means. */
export function eventDocs(): string {
  return [
    '# Events',
    '',
    '<!-- Generated from src/base/events/catalogue.ts by scripts/generate.mjs; edit there. -->',
    '',
    'Every change about a person or the program is recorded in the same transaction as the change itself: there is',
    'never one without the other. Rows of the collection `events` are appended and never altered. Each carries its',
    'stream (the member, or `program`), a sequence number without gaps in that stream, the time, who acted, the client,',
    'brand and market, the network (never the full address) and the trace id of the request. No row holds a name, a',
    'mail address, a secret or a token.',
    '',
    '| event | meaning |',
    '|---|---|',
    ...Object.entries(eventCatalogue).map(([type, meaning]) => `| \`${type}\` | ${meaning} |`),
    '',
  ].join('\n');
}
