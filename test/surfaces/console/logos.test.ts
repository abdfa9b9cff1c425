/** Logos in the console: uploaded, written anew, looked at, and put into a draft; and files that want something else. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { png } from '../../base/http/logo/png.ts';
import type { Page } from '../../support/agent.ts';
import { multipart, multipartType } from '../../support/multipart.ts';
import { type ConsoleWorld, type Person, startConsole, words } from './world.ts';

let world: ConsoleWorld;
let ann: Person;
beforeAll(async () => {
  world = await startConsole();
  ann = await world.person('Ann Keller', ['brand:volt']);
});

const path = '/console/logos';
const drafts = () => world.issuer.issuer.core.workflow.drafts;
const ns = 'xmlns="http://www.w3.org/2000/svg"';
const dot = `<svg ${ns} viewBox="0 0 10 10"><script>alert(1)</script><path d="M0 0h9v9z" onclick="alert(1)"/></svg>`;

interface File {
  value: string | Uint8Array;
  type?: string;
  file?: string;
}

async function upload(file: File | undefined, more: Record<string, string> = {}, who = ann): Promise<Page> {
  const page = await who.open(path);
  const form = page.forms.find(({ action, fields }) => action.endsWith(path) && '_csrf' in fields);
  const fields = { ...form?.fields, brand: 'volt', ...more };
  delete (fields as Record<string, string>).file;
  const body = multipart([
    ...Object.entries(fields).map(([name, value]) => ({ name, value })),
    { name: 'file', file: '', value: '', type: 'application/octet-stream', ...file },
  ]);
  return who.agent.request(path, { body, headers: { 'content-type': multipartType } });
}

const svg = (value: string): File => ({ value, type: 'image/svg+xml', file: 'logo.svg' });

describe('a file', () => {
  it('is written anew, shown on both grounds, and put into a new draft', async () => {
    const page = await upload(svg(dot));
    expect(page.status).toBe(200);
    expect(words(page)).toMatch(/The new logo .*Light .*Dark .*Left out for safety: onclick, script/);
    const pictures = [...page.text.matchAll(/src="data:image\/svg\+xml;base64,([^"]*)"/g)].map(
      ([, base64 = '']) => Buffer.from(base64, 'base64').toString(),
    );
    expect(pictures).toHaveLength(2);
    for (const picture of pictures) expect(picture).not.toMatch(/script|onclick|alert/);
    expect(pictures[0]).toContain('fill="#ffffff"');
    expect(pictures[1]).toContain('fill="#1e1b2c"');
    const shown = await ann.agent.submit(page, {}, '/use');
    expect(new URL(shown.url).pathname).toBe('/console/preview');
    expect(words(shown)).toContain('The logo is in the draft.');
    const id = new URL(shown.url).searchParams.get('draft') ?? '';
    expect(await drafts().get(id)).toMatchObject({
      message: 'New logo for Volt Fuel',
      changes: [{ item: 'brands/volt/brand' }],
    });
    const { look } = (await drafts().item(id, 'brands/volt/brand')) as {
      look: { logo: string; name: string };
    };
    expect(look.logo).toMatch(/^<svg viewBox="0 0 10 10".*<path d="M0 0h9v9z"\/><\/svg>$/);
    expect(look.name).toBe('Volt Fuel');
  });

  it('goes into the draft that was chosen, an image as an image', async () => {
    const first = await ann.agent.submit(await upload(svg(dot)), {}, '/use');
    const draft = new URL(first.url).searchParams.get('draft') ?? '';
    const page = await upload({ value: png(96, 48), type: 'image/png', file: 'logo.png' });
    const shown = await ann.agent.submit(page, { draft }, '/use');
    expect(new URL(shown.url).searchParams.get('draft')).toBe(draft);
    const { look } = (await drafts().item(draft, 'brands/volt/brand')) as { look: { logo: unknown } };
    expect(look.logo).toMatchObject({ width: 96, height: 48 });
    const [, frame = ''] = /<iframe src="([^"]*)"/.exec(shown.text) ?? [];
    const document = await ann.agent.request(frame.replaceAll('&amp;', '&'));
    expect(document.text).toContain('<img src="data:image/png;base64,');
  });

  const bomb = `<svg ${ns} viewBox="0 0 9 9"><g id="a0"><path d="M0 0h1z"/></g>${Array.from(
    { length: 30 },
    (_, at) => `<g id="a${at + 1}"><use href="#a${at}"/><use href="#a${at}"/></g>`,
  ).join('')}</svg>`;
  const entities = `<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><svg ${ns} viewBox="0 0 9 9"><path d="&b;"/></svg>`;
  const html = Buffer.concat([png(4, 4), Buffer.from('<script>alert(1)</script>')]);

  it.each<[string, File | undefined, RegExp]>([
    ['that is missing', undefined, /Please fill in|required|Fill/i],
    ['that draws without end', svg(bomb), /refer to each other without end/],
    ['of entities', svg(entities), /declares a document type/],
    ['of 10 MB', { value: new Uint8Array(10 * 1024 * 1024), type: 'image/png', file: 'a.png' }, /too large/],
    [
      'that is a picture larger than any screen',
      { value: png(1, 1).fill(0xff, 16, 24), type: 'image/png', file: 'a.png' },
      /too large|could not be read/,
    ],
    [
      'that is a page',
      { value: '<!doctype html><script>alert(1)</script>', type: 'text/html', file: 'a.html' },
      /cannot be a logo/,
    ],
    [
      'that is a page and says it is an image',
      { value: '<html><script>alert(1)</script></html>', type: 'image/png', file: 'a.png' },
      /cannot be a logo/,
    ],
    [
      'that is cut off',
      { value: png(40, 40).subarray(0, 60), type: 'image/png', file: 'a.png' },
      /could not be read/,
    ],
  ])('%s is refused at its field, and nothing changes', async (_, file, says) => {
    const before = (await drafts().list({ limit: 100 })).items.length;
    const page = await upload(file);
    expect(page.status).toBe(422);
    expect(words(page)).toMatch(says);
    expect(page.text).toMatch(/id="file"[^>]*aria-invalid="true"/);
    expect(page.text).not.toContain('alert(1)');
    expect((await drafts().list({ limit: 100 })).items).toHaveLength(before);
  });

  it('that is two things at once comes out as the image alone', async () => {
    const page = await upload({ value: html, type: 'image/png', file: 'a.png' });
    expect(page.status).toBe(200);
    const { logo = '' } = page.forms.find(({ action }) => action.endsWith('/use'))?.fields ?? {};
    const { png: base64 } = JSON.parse(logo) as { png: string };
    expect(Buffer.from(base64, 'base64').toString('latin1')).not.toContain('script');
  });

  it('needs the token of the form', async () => {
    expect((await upload(svg(dot), { _csrf: 'forged' })).status).toBe(403);
  });
});

describe('what comes back to be used', () => {
  const use = async (more: Record<string, string>, who = ann) => {
    const made = await upload(svg(dot), {}, who);
    return who.agent.submit(made, more, '/use');
  };

  it.each([
    [
      'markup with a script',
      `<svg ${ns} viewBox="0 0 9 9"><script>alert(1)</script><path d="M0 0h1z"/></svg>`,
    ],
    ['an image that is none', '{"png":"AAAA","width":1,"height":1}'],
    ['half a document', '{"png":'],
    ['something else', 'null'],
  ])('is refused as %s', async (_, logo) => {
    expect((await use({ logo })).status).toBe(400);
  });

  it.each([
    ['a forged draft', { draft: 'drf_AAAAAAAAAAAAAAAAAAAAAA' }, 404],
    ['a brand of others', { brand: 'spring' }, 403],
    ['a brand that is a path', { brand: '../program' }, 403],
  ])('is refused for %s', async (_, more, status) => {
    expect((await use(more)).status).toBe(status);
  });
});

describe('whoever', () => {
  it('may not change a brand finds no logos to change', async () => {
    const bea = await world.person('Bea Volt', ['brand:volt'], ['read']);
    expect((await bea.agent.request(path)).status).toBe(403);
  });

  it('sends a file without being signed in is refused', async () => {
    const body = multipart([{ name: 'file', value: dot, type: 'image/svg+xml', file: 'a.svg' }]);
    const sent = await world.issuer
      .agent()
      .request(path, { body, headers: { 'content-type': multipartType } });
    expect(sent.status).toBe(403);
  });
});
