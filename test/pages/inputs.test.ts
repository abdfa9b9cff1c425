import { describe, expect, it } from '@jest/globals';
import { attribute, pageOf, tagsOf, views } from './render-all.ts';

const viewOf = (name: string) => {
  const view = views.find((one) => one.name === name);
  if (!view) throw new Error(`no view ${name}`);
  return view;
};
const inputOf = (view: string, name: string) =>
  tagsOf(pageOf(viewOf(view)), 'input').find((tag) => attribute(tag, 'name') === name) ?? '';

describe('inputs', () => {
  it('keep their names, ids and autofill tokens from release to release', () => {
    const inputs = Object.fromEntries(
      views
        .filter((view) => !view.name.startsWith('dev/'))
        .map((view) => [
          view.name,
          // Buttons of one name are told once: how many languages there are does not matter here.
          [
            ...new Set(
              ['input', 'select', 'button']
                .flatMap((tag) => tagsOf(pageOf(view), tag))
                .map((tag) => ['name', 'id', 'type', 'autocomplete'].map((name) => attribute(tag, name)))
                .filter(([name]) => name !== undefined && name !== '_csrf')
                .map((parts) => parts.filter((part) => part !== undefined).join(' ')),
            ),
          ],
        ]),
    );
    expect(inputs).toMatchSnapshot();
  });

  it('ask for the identifier the way password managers and passkeys expect', () => {
    const input = inputOf('interactions/sign-in', 'identifier');
    expect(attribute(input, 'autocomplete')).toBe('username webauthn');
    expect(attribute(input, 'type')).toBe('email');
    expect(attribute(input, 'autocapitalize')).toBe('none');
    expect(attribute(input, 'spellcheck')).toBe('false');
  });

  it.each([
    ['interactions/password', 'current-password'],
    ['interactions/link-existing', 'current-password'],
    ['interactions/register', 'new-password'],
    ['interactions/new-password', 'new-password'],
    ['account/sign-in-methods', 'new-password'],
  ])('tell managers on %s that the password is a %s', (view, token) => {
    expect(attribute(inputOf(view, 'password'), 'autocomplete')).toBe(token);
  });

  it.each(['interactions/password', 'interactions/new-password', 'account/sign-in-methods'])(
    'hold the account in a username field on %s',
    (view) => {
      const input = inputOf(view, 'username');
      expect(attribute(input, 'autocomplete')).toBe('username');
      expect(attribute(input, 'class')).toBe('sr');
      expect(attribute(input, 'value')).toContain('@');
    },
  );

  it('take a code in one forgiving text field', () => {
    const html = pageOf(viewOf('interactions/verify-code'));
    const codes = tagsOf(html, 'input').filter((tag) => attribute(tag, 'autocomplete') === 'one-time-code');
    expect(codes).toHaveLength(1);
    expect(attribute(codes[0] ?? '', 'inputmode')).toBe('numeric');
    expect(attribute(codes[0] ?? '', 'type')).toBe('text');
    expect(Number(attribute(codes[0] ?? '', 'maxlength'))).toBeGreaterThan(20);
  });

  it.each(views)('never switch autofill off or ask twice on $name', (view) => {
    const html = pageOf(view);
    // The code of a device is new each time: a browser that remembers it only offers dead ones.
    if (view.name !== 'interactions/device-code') expect(html).not.toContain('autocomplete="off"');
    const names = tagsOf(html, 'input')
      .filter((tag) => ['email', 'password', 'text'].includes(attribute(tag, 'type') ?? ''))
      .map((tag) => attribute(tag, 'name'));
    expect(new Set(names).size).toBe(names.length);
  });

  it('show-password is a real button that says what it controls and waits for script', () => {
    const button = tagsOf(pageOf(viewOf('interactions/password')), 'button').find((tag) =>
      tag.includes('data-reveal'),
    );
    expect(button).toContain('type="button"');
    expect(button).toContain(' hidden');
    expect(attribute(button ?? '', 'aria-controls')).toBe('password');
  });
});
