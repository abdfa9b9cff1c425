import { describe, expect, it } from '@jest/globals';
import { attribute, frameOf, looks, pageOf, renderer, shown, tagsOf, views } from './render-all.ts';

const every = shown.flatMap(({ look, locale, tag, dir }) =>
  views.map((view) => ({
    name: `${view.name} for ${look.id} in ${locale}`,
    look,
    tag,
    dir,
    html: renderer.page(view, frameOf(look, locale), view.sample()),
  })),
);

const voidTags = new Set([
  'area',
  'base',
  'br',
  'col',
  'hr',
  'img',
  'input',
  'link',
  'meta',
  'source',
  'wbr',
]);
const selfClosing = /\/>$/;

/** Names the first element that is not closed in order. */
function firstImbalance(html: string): string | undefined {
  const open: string[] = [];
  for (const [tag, closing, name = ''] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/gi)) {
    if (closing) {
      if (open.pop() !== name) return tag;
    } else if (!voidTags.has(name) && !selfClosing.test(tag)) open.push(name);
  }
  return open.pop();
}

describe('every page, in every language and look', () => {
  it.each(every)('$name is a whole document', ({ html, look, tag, dir }) => {
    expect(html.startsWith('<!doctype html>')).toBe(true);
    expect(html).toContain(`<html lang="${tag}" dir="${dir}">`);
    expect(tagsOf(html, 'h1')).toHaveLength(1);
    expect(tagsOf(html, 'main')).toHaveLength(1);
    expect(tagsOf(html, 'title')).toHaveLength(1);
    expect(html).toMatch(new RegExp(`<title>[^<]+ – \u2068?${look.name}\u2069?</title>`));
    expect(html).not.toMatch(/undefined|\[object|NaN|Invalid Date/);
    expect(firstImbalance(html)).toBeUndefined();
  });

  it.each(every)('$name gives each id once and refers only to ids it has', ({ html }) => {
    const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const referred = [
      ...html.matchAll(/\s(?:for|aria-describedby|aria-labelledby|aria-controls)="([^"]*)"/g),
    ].flatMap(([, value = '']) => value.split(' '));
    for (const id of referred) expect(ids).toContain(id);
  });

  it.each(every)('$name labels every input and guards every form', ({ html }) => {
    for (const tag of [...tagsOf(html, 'input'), ...tagsOf(html, 'select'), ...tagsOf(html, 'textarea')]) {
      if (attribute(tag, 'type') === 'hidden') continue;
      const id = attribute(tag, 'id');
      const labelled =
        html.includes(`<label for="${id}"`) ||
        attribute(tag, 'aria-label') !== undefined ||
        attribute(tag, 'aria-labelledby') !== undefined ||
        new RegExp(`<label class="(?:tick|choice)"><input[^>]*id="${id}"`).test(html);
      expect({ tag, labelled }).toEqual({ tag, labelled: true });
      expect(attribute(tag, 'placeholder')).toBeUndefined();
    }
    const forms = html.match(/<form\b[\s\S]*?<\/form>/g) ?? [];
    for (const form of forms) {
      expect(form).toMatch(/^<form method="(?:post|get)"/);
      // What only looks something up says so in its address, where no token belongs.
      const tokens = form.match(/name="_csrf" value="csrf-value"/g) ?? [];
      expect(tokens).toHaveLength(form.startsWith('<form method="post"') ? 1 : 0);
    }
  });

  it.each(every)('$name loads nothing from elsewhere and holds no script or style of its own', ({ html }) => {
    for (const tag of [...tagsOf(html, 'link'), ...tagsOf(html, 'script'), ...tagsOf(html, 'img')]) {
      expect(attribute(tag, 'href') ?? attribute(tag, 'src')).toMatch(/^(?:\/assets\/|data:image\/)/);
    }
    expect(html).not.toMatch(/\sstyle="|\son[a-z]+="|<style|javascript:/i);
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
  });
});

describe('what people bring in', () => {
  const evil = `"'><script>alert(1)</script><img src=x onerror=alert(1)>{{code}}$t(page.title)\u0000</title></textarea>`;
  const kept = new Set(
    'kind blocked step scheme control part token word identifierKind purpose state decision code reason autocomplete lastUsed status at since effectiveFrom memberSince language locale change when source'.split(
      ' ',
    ),
  );
  const poisoned = (value: unknown, key = ''): unknown => {
    // Areas, steps and pages of the console are our own.
    if (['areas', 'steps', 'pages'].includes(key)) return value;
    if (Array.isArray(value)) return value.map((item) => poisoned(item, key));
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([name, item]) => [
          name,
          kept.has(name) && typeof item === 'string' ? item : poisoned(item, name),
        ]),
      );
    }
    return typeof value === 'string' && !/(?:At|^at)$/.test(key) ? evil : value;
  };

  it.each(views)('cannot become markup on $name', (view) => {
    const data = poisoned(view.sample());
    const look = looks[0];
    if (!look) throw new Error('no look');
    const values = Object.fromEntries(
      ['identifier', 'email', 'name', 'field.nickname', 'password', 'code'].map((name) => [name, evil]),
    );
    const html = renderer.page(view, frameOf(look, 'en', { clientName: evil, values, trace: evil }), data);
    expect(html).not.toContain('<script>');
    expect(html).not.toContain('<img src=x');
    expect(html.match(/<\/title>/g)).toHaveLength(1);
    // What stands between quotes is a value; an attribute of its own would stand outside.
    expect(html.replaceAll(/"[^"]*"/g, '""')).not.toMatch(/<[^>]*onerror=/);
  });
});

describe('a refused form', () => {
  const signIn = views.find((view) => view.name === 'interactions/sign-in');
  const register = views.find((view) => view.name === 'interactions/register');
  if (!signIn || !register) throw new Error('views are missing');

  it('says Error in the title and puts a summary with links first in main, with focus', () => {
    const html = pageOf(signIn, { faults: [{ field: 'identifier', code: 'email.invalid' }] });
    expect(html).toContain('<title>Error: Sign in – ');
    expect(html).toMatch(/<main[^>]*>\s*<div class="summary"[^>]*tabindex="-1" autofocus>/);
    expect(html).toContain('<a href="#identifier">Enter an e-mail address like name@example.com.</a>');
    expect(tagsOf(html, 'h1')[0]).not.toContain('autofocus');
  });

  it('ties the same words to the field', () => {
    const html = pageOf(register, { faults: [{ field: 'email', code: 'email.required' }] });
    const input = tagsOf(html, 'input').find((tag) => attribute(tag, 'id') === 'email') ?? '';
    expect(attribute(input, 'aria-invalid')).toBe('true');
    expect(attribute(input, 'aria-describedby')).toBe('email-hint email-fault');
    expect(html.match(/Enter your e-mail address\./g)).toHaveLength(2);
    const right = tagsOf(html, 'input').find((tag) => attribute(tag, 'id') === 'password') ?? '';
    expect(attribute(right, 'aria-invalid')).toBeUndefined();
  });

  it('keeps what was entered, but never secrets', () => {
    const html = pageOf(register, {
      faults: [{ field: 'password', code: 'password.too_short', params: { min: 8 } }],
      values: { email: 'mika@example.com', password: 'hunter2secret', 'terms.program': 'accepted' },
    });
    expect(html).toContain('value="mika@example.com"');
    expect(html).not.toContain('hunter2secret');
    const terms = tagsOf(html, 'input').find((tag) => attribute(tag, 'name') === 'terms.program') ?? '';
    expect(terms).toContain(' checked');
  });

  it('shows a fault of the whole form as words without a link', () => {
    const html = pageOf(signIn, {
      faults: [{ field: 'form', code: 'limit.reached', params: { seconds: 300 } }],
    });
    expect(html).toContain('Please try again in 5 minutes');
    expect(html).not.toContain('href="#form"');
  });
});

describe('what is chosen before the person chooses', () => {
  // Staff change what is chosen already; nobody agrees to anything in the console.
  const asking = views.filter(({ name }) => name !== 'dev/components' && !name.startsWith('console/'));

  it.each(asking)('is nothing on $name', (view) => {
    for (const tag of tagsOf(pageOf(view), 'input')) expect(tag).not.toMatch(/\schecked/);
  });
});
