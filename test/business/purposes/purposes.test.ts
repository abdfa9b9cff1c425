import { afterEach, describe, expect, it } from '@jest/globals';
import { recordLegalHashes } from '../../../src/business/layers/legal-hashes.ts';
import { faultsOfFolder as faultsOf, purposesOf } from '../../support/configuration.ts';
import { copyOfProgram, type ProgramFolder, shippedProgramDir } from '../../support/program-folder.ts';
import { movableClock } from '../../support/visit.ts';

let folder: ProgramFolder | undefined;
afterEach(() => folder?.remove());

function open(programDir: string, clock = movableClock('2026-06-01T00:00:00Z')) {
  return purposesOf(clock, programDir);
}

const text = (title: string) => `# ${title}\n\n> I agree to ${title}.\n\nThe text of ${title}.\n`;

describe('the shipped legal texts', () => {
  const purposes = open(shippedProgramDir);

  it('are those recorded as published: a changed text must become a new version', () => {
    expect(faultsOf(shippedProgramDir)).toEqual([]);
  });

  it.each(['en', 'de', 'es', 'fr', 'ja'])('exist in %s for every document and version', (language) => {
    for (const { id, versions } of purposes.documents()) {
      for (const { version } of versions) {
        expect(purposes.text(id, version, language)).toMatchObject({ language, version });
      }
    }
  });

  it('are program-wide: terms and notice required, three purposes optional and resting on consent', () => {
    const visit = purposes.forVisit({ brand: 'volt', jurisdiction: 'EU', locale: 'en' });
    expect(visit.terms).toMatchObject([{ id: 'program-terms', required: true, lawfulBasis: 'b' }]);
    expect(visit.notices).toMatchObject([{ id: 'privacy-notice', required: true }]);
    expect(visit.purposes.map(({ id }) => id)).toEqual([
      'marketing-email',
      'partner-sharing',
      'personalisation',
    ]);
    for (const purpose of visit.purposes) {
      expect(purpose).toMatchObject({ required: false, lawfulBasis: 'a', brands: undefined });
    }
  });
});

describe('a legal text', () => {
  const purposes = open(shippedProgramDir);

  it('says everything evidence needs', () => {
    const [terms] = purposes.forVisit({ brand: 'volt', jurisdiction: 'JP', locale: 'ja' }).terms;
    expect(terms).toMatchObject({
      id: 'program-terms',
      kind: 'terms',
      version: '1.0',
      language: 'ja',
      jurisdiction: 'JP',
      validFrom: '2026-01-01',
    });
    expect(terms?.hash).toMatch(/^[\w-]{43}$/);
  });

  it('has another hash in another language', () => {
    const hash = (locale: string) => purposes.text('program-terms', '1.0', locale)?.hash;
    expect(hash('en')).not.toBe(hash('ja'));
  });

  it('is told in the base language, then in the program’s, where a language is missing', () => {
    const language = (locale: string) => purposes.text('program-terms', '1.0', locale)?.language;
    expect(language('ja-JP')).toBe('ja');
    expect(language('sv')).toBe('en');
  });

  it('is unknown for another id or version', () => {
    expect(purposes.text('nothing', '1.0', 'en')).toBeUndefined();
    expect(purposes.text('program-terms', '9.9', 'en')).toBeUndefined();
    expect(purposes.find('nothing', { brand: 'volt', jurisdiction: 'EU', locale: 'en' })).toBeUndefined();
  });
});

describe('the version in force', () => {
  it('is the newest that has begun, by the clock', () => {
    folder = copyOfProgram();
    folder.edit('legal/program-terms/document.json', (document) => {
      document.versions = [
        { version: '2.0', validFrom: '2026-07-01' },
        { version: '1.0', validFrom: '2026-01-01' },
      ];
    });
    folder.write('legal/program-terms/2.0/en.md', text('new terms'));
    recordLegalHashes(folder.path);
    const clock = movableClock('2026-06-30T23:59:59Z');
    const purposes = open(folder.path, clock);
    const current = () =>
      purposes.forVisit({ brand: 'volt', jurisdiction: 'EU', locale: 'en' }).terms[0]?.version;
    expect(current()).toBe('1.0');
    clock.move(1000);
    expect(current()).toBe('2.0');
    expect(purposes.text('program-terms', '1.0', 'en')?.version).toBe('1.0');
  });

  it('is none before the first one begins', () => {
    const purposes = open(shippedProgramDir, movableClock('2025-12-31T00:00:00Z'));
    expect(purposes.forVisit({ brand: 'volt', jurisdiction: 'EU', locale: 'en' }).terms).toEqual([]);
  });

  it('follows the jurisdiction, of the document and of the version', () => {
    folder = copyOfProgram();
    folder.edit('legal/partner-sharing/document.json', (document) => {
      document.jurisdictions = ['US', 'JP'];
      document.versions = [
        { version: '1.0', validFrom: '2026-01-01' },
        { version: '1.0-jp', validFrom: '2026-02-01', jurisdictions: ['JP'] },
      ];
    });
    folder.write('legal/partner-sharing/1.0-jp/en.md', text('sharing in Japan'));
    recordLegalHashes(folder.path);
    const purposes = open(folder.path);
    const version = (jurisdiction: string) =>
      purposes.find('partner-sharing', { brand: 'volt', jurisdiction, locale: 'en' })?.version;
    expect([version('US'), version('JP'), version('EU')]).toEqual(['1.0', '1.0-jp', undefined]);
  });

  it('of a brand’s own terms is shown at that brand only, after the program’s', () => {
    folder = copyOfProgram();
    folder.write('legal/club-terms/document.json', {
      id: 'club-terms',
      kind: 'terms',
      lawfulBasis: 'b',
      brands: ['volt'],
      required: true,
      versions: [{ version: '1', validFrom: '2026-01-01' }],
    });
    folder.write('legal/club-terms/1/en.md', text('club terms'));
    recordLegalHashes(folder.path);
    const purposes = open(folder.path);
    const terms = (brand: string) =>
      purposes.forVisit({ brand, jurisdiction: 'EU', locale: 'en' }).terms.map(({ id }) => id);
    expect(terms('volt')).toEqual(['program-terms', 'club-terms']);
    expect(terms('greenleaf')).toEqual(['program-terms']);
  });
});

describe('the record of published texts', () => {
  it('notices a text that was changed after it was published, and the program does not start', () => {
    folder = copyOfProgram();
    const path = 'legal/program-terms/1.0/en.md';
    folder.write(path, folder.read(path).replace('36 months', '12 months'));
    expect(faultsOf(folder.path)).toEqual([
      `${path}: expected the text as it was published, got another one: give it a new version`,
    ]);
  });

  it('cannot be made to fit a changed text', () => {
    folder = copyOfProgram();
    const path = 'legal/program-terms/1.0/en.md';
    folder.write(path, folder.read(path).replace('36 months', '12 months'));
    expect(recordLegalHashes(folder.path)).toEqual([]);
    expect(faultsOf(folder.path)).toHaveLength(1);
  });

  it('notices a published text that is gone, and a new one that is not recorded', () => {
    folder = copyOfProgram();
    folder.remove('legal/program-terms/1.0/ja.md');
    folder.write('legal/privacy-notice/1.0/en-GB.md', text('notice'));
    expect(faultsOf(folder.path)).toEqual([
      expect.stringContaining(
        'legal/privacy-notice/1.0/en-GB.md: expected a text recorded in legal/hashes.json',
      ),
      'legal/program-terms/1.0/ja.md: expected the published text, which evidence refers to, got nothing',
    ]);
  });

  it('does not mind how lines end', () => {
    folder = copyOfProgram();
    const path = 'legal/program-terms/1.0/en.md';
    folder.write(path, folder.read(path).replaceAll('\n', '\r\n'));
    expect(faultsOf(folder.path)).toEqual([]);
  });
});

describe('faulty legal documents', () => {
  it('are refused with all faults at once', () => {
    folder = copyOfProgram();
    folder.edit('legal/marketing-email/document.json', (document) => {
      document.required = true;
      document.lawfulBasis = 'f';
    });
    folder.edit('legal/personalisation/document.json', (document) => {
      document.brands = ['nobody'];
      document.jurisdictions = ['MOON'];
    });
    folder.edit('legal/privacy-notice/document.json', (document) => {
      document.versions = [
        { version: '1.0', validFrom: '2026-01-01' },
        { version: '2.0', validFrom: '2026-02-01' },
      ];
    });
    folder.write('legal/partner-sharing/2.0/en.md', 'no title');
    folder.edit('legal/partner-sharing/document.json', (document) => {
      document.versions = [
        { version: '1.0', validFrom: '2026-01-01' },
        { version: '2.0', validFrom: '2026-02-01' },
      ];
    });
    recordLegalHashes(folder.path);
    expect(faultsOf(folder.path)).toEqual([
      'legal/marketing-email: document.required: expected false: a purpose is always optional, got true',
      'legal/marketing-email: document.lawfulBasis: expected a: a purpose rests on consent, got "f"',
      'legal/partner-sharing: texts.2.0.en: expected a text that begins with "# " and its title, got another one',
      expect.stringMatching(/^legal\/personalisation: document\.brands: expected one of .*, got "nobody"$/),
      'legal/personalisation: document.jurisdictions: expected a legal area of a market (EU, JP, US), got "MOON"',
      'legal/privacy-notice: texts.2.0.en: expected the text in the program’s own language, got nothing',
    ]);
  });
});
