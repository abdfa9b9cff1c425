/** Logos on pages and in mails: inline markup, or an image of our own address. */
import { describe, expect, it } from '@jest/globals';
import { createAssets } from '../../../../src/base/http/assets.ts';
import type { BrandLook } from '../../../../src/base/http/brand-look.ts';
import { createRenderer } from '../../../../src/base/http/views.ts';
import { mailNames, mailSamples } from '../../../../src/base/mail/mails.ts';
import { createMailRenderer } from '../../../../src/base/mail/render.ts';
import { signInView } from '../../../../src/surfaces/interactions/views.ts';
import { frameOf, i18n, looks } from '../../../pages/render-all.ts';
import { png } from './png.ts';

const [first] = looks;
if (!first) throw new Error('no look');
const inline: BrandLook = first;
const picture: BrandLook = {
  ...inline,
  logo: { png: png(64, 16).toString('base64'), width: 64, height: 16 },
};
const assets = createAssets({ lookOf: (id) => (id === picture.id ? picture : undefined) });
const renderer = createRenderer({ i18n, assets, clock: { now: () => 0 } });
const [path = '', version = ''] = (assets.logoUrl(picture) ?? '').split('?v=');
const pageIn = (look: BrandLook) => renderer.page(signInView, frameOf(look, 'en'), signInView.sample());

describe('a logo that is an image', () => {
  it('has an address that carries its content, and may be kept and shown by others', () => {
    expect(path).toBe(`/assets/logo/${picture.id}.png`);
    expect(assets.read(path, version)).toEqual({
      body: png(64, 16),
      type: 'image/png',
      etag: `"${version}"`,
      immutable: true,
      shared: true,
    });
    expect(assets.read(path, 'older')).toMatchObject({ immutable: false });
    const other = { ...picture, logo: { png: png(65, 16).toString('base64'), width: 65, height: 16 } };
    expect(assets.logoUrl(other)).not.toBe(assets.logoUrl(picture));
  });

  it('stands on pages without words of its own, with its size, beside the name', () => {
    const html = pageIn(picture);
    expect(html).toContain(
      `<span class="logo"><img src="${path}?v=${version}" alt="" width="64" height="16"></span><span><bdi>${picture.name}</bdi></span>`,
    );
    expect(html).not.toContain(';base64,');
  });

  it('has a light ground under it, also where the page is dark', () => {
    const { body = '' } = assets.read(`/assets/theme/${picture.id}.css`) ?? {};
    expect(String(body).split('@media')[0]).toContain(`--plate:${picture.theme.light.surface}`);
    expect(String(body).split('@media')[1]).not.toContain('--plate');
  });
});

describe('a logo that is markup', () => {
  it('has no address, and stands in the page itself', () => {
    expect(assets.logoUrl(inline)).toBeUndefined();
    expect(createAssets({ lookOf: () => inline }).read(path)).toBeUndefined();
    expect(pageIn(inline)).toContain(`<span class="logo">${String(inline.logo)}</span>`);
  });
});

describe('mails', () => {
  const render = createMailRenderer(i18n, (look) => {
    const at = assets.logoUrl(look);
    return at && `https://id.example${at}`;
  });

  it.each(mailNames)(
    '%s shows the image by our own address, the same for everyone, and is whole without',
    (name) => {
      const { html, text } = render(name, { locale: 'en', look: picture }, mailSamples[name]);
      const images = html.match(/<img\b[^>]*>/g) ?? [];
      expect(images).toHaveLength(1);
      expect(images[0]).toContain(
        `src="https://id.example${path}?v=${version}" alt="" width="128" height="32"`,
      );
      expect(html.replace(images[0] ?? '', '')).toContain(`<bdi>${picture.name}</bdi></p>`);
      expect(html).not.toMatch(/url\(|cid:|data:/);
      expect(text).not.toContain('/assets/');
    },
  );

  it.each(mailNames)('%s shows the name alone where the logo is markup', (name) => {
    const { html } = render(name, { locale: 'en', look: inline }, mailSamples[name]);
    expect(html).not.toMatch(/<img|<svg/);
    expect(html).toContain(`<bdi>${inline.name}</bdi></p>`);
  });

  it('make a wide logo no wider than a mail bears', () => {
    const look = { ...picture, logo: { ...(picture.logo as object), width: 512, height: 16 } } as BrandLook;
    const { html } = render('welcome', { locale: 'en', look }, mailSamples.welcome);
    expect(html).toContain('width="200" height="6"');
  });
});
