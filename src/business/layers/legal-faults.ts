/** Whether legal documents can go live: their shapes, what they refer to, and that nothing published has changed. Pure. */
import type { Surroundings } from './check-configuration.ts';
import { type DocumentItem, legalItemSchema } from './document-shape.ts';
import { type ConfigurationFault, type ConfigurationFaultCode, didYouMean } from './fault.ts';
import type { Items } from './folder.ts';
import { legalPath } from './item-path.ts';
import { isReadLanguage } from './label-faults.ts';
import type { BrandLayer, MarketLayer, ProgramLayer } from './layer-shapes.ts';
import { legalSources, legalTextHash } from './legal-hashes.ts';
import { parseLegalText } from './legal-markup.ts';
import { parsed } from './shape-faults.ts';

/** What legal documents are judged against. */
export interface LegalContext {
  brands: ReadonlyMap<string, BrandLayer>;
  markets: ReadonlyMap<string, MarketLayer>;
  program: ProgramLayer;
  items: Items;
  around: Pick<Surroundings, 'publishedHash' | 'locales'>;
}

type Say = (key: string, code: ConfigurationFaultCode, expected: string, got: string) => void;

/**
 * Every fault of the legal documents.
 * @param items items of a configuration
 * @param context brands, markets and what was published before
 */
export function legalFaults(items: Items, context: LegalContext): ConfigurationFault[] {
  const faults: ConfigurationFault[] = [];
  for (const [path, item] of items) {
    if (!path.startsWith('legal/')) continue;
    const read = parsed(legalItemSchema, item, path);
    faults.push(...read.faults);
    if (!read.value) continue;
    const say: Say = (key, code, expected, got) => faults.push({ item: path, key, code, expected, got });
    documentFaults(path, read.value, context, say);
    textFaults(read.value, context, say);
  }
  for (const { document, version, language, source } of legalSources(items)) {
    const published = context.around.publishedHash(document, version, language);
    if (published === undefined || published === legalTextHash(source)) continue;
    faults.push({
      item: legalPath(document),
      key: `texts.${version}.${language}`,
      code: 'published_text',
      expected: 'the text as it was published',
      got: 'another one: give it a new version',
    });
  }
  return faults;
}

function documentFaults(path: string, { document }: DocumentItem, context: LegalContext, say: Say): void {
  const id = path.slice('legal/'.length);
  if (document.id !== id) say('document.id', 'shape', JSON.stringify(id), JSON.stringify(document.id));
  const brands = [...context.brands.keys()];
  for (const brand of document.brands ?? []) {
    if (!brands.includes(brand))
      say('document.brands', 'unknown_item', didYouMean(brand, brands), JSON.stringify(brand));
  }
  const areas = areasOf(context);
  for (const area of [document, ...document.versions].flatMap(({ jurisdictions }) => jurisdictions ?? [])) {
    if (!areas.includes(area))
      say(
        'document.jurisdictions',
        'unknown_item',
        `a legal area of a market (${areas.join(', ')})`,
        JSON.stringify(area),
      );
  }
}

function areasOf({ markets }: LegalContext): string[] {
  const said = [...markets.values()].flatMap(({ legal }) =>
    typeof legal?.jurisdiction === 'string' ? [legal.jurisdiction] : [],
  );
  return [...new Set(said)].sort();
}

function textFaults({ document, texts }: DocumentItem, { program, around }: LegalContext, say: Say): void {
  const versions = document.versions.map(({ version }) => version);
  for (const version of versions) {
    if (texts[version]?.[program.defaultLocale] === undefined)
      say(
        `texts.${version}.${program.defaultLocale}`,
        'missing',
        'the text in the program’s own language',
        'nothing',
      );
  }
  for (const [version, languages] of Object.entries(texts)) {
    if (!versions.includes(version))
      say(`texts.${version}`, 'unknown_item', didYouMean(version, versions), 'a text');
    for (const [language, source] of Object.entries(languages)) {
      if (!isReadLanguage(language, around.locales))
        say(`texts.${version}.${language}`, 'unknown_item', didYouMean(language, around.locales), 'a text');
      const read = parseLegalText(source);
      if ('fault' in read)
        say(`texts.${version}.${language}`, 'shape', `a text that ${read.fault}`, 'another one');
    }
  }
}
