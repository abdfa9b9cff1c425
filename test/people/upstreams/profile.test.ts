import { describe, expect, it } from '@jest/globals';
import { readFacebookProfile, readGoogleProfile } from '../../../src/people/upstreams/profile.ts';

const google = { sub: '1', email: 'a@gmail.com', email_verified: true, name: 'A' };

describe("Google's answer", () => {
  it.each([[false], ['true'], ['false'], [1], [null], [undefined]])(
    'counts as verified only for the boolean true, not for %j',
    (email_verified) => {
      expect(readGoogleProfile({ ...google, email_verified }).emailVerified).toBe(false);
    },
  );

  it('is not verified without an address, whatever the flag says', () => {
    const profile = readGoogleProfile({ sub: '1', email_verified: true, hd: 'gmail.com' });
    expect(profile).toMatchObject({ emailVerified: false, authoritativeFor: false });
  });

  it.each([
    ['a@gmail.com', undefined, true],
    ['a@GoogleMail.com', undefined, true],
    ['a@hosted.example', 'Hosted.example', true],
    ['a@other.example', 'hosted.example', false],
    ['a@sub.hosted.example', 'hosted.example', false],
    ['a@notgmail.com', undefined, false],
    ['a@gmail.com.evil.example', undefined, false],
    ['a@other.example', undefined, false],
  ])('%s with hosted domain %s: authoritative %s', (email, hd, authoritative) => {
    expect(readGoogleProfile({ ...google, email, hd }).authoritativeFor).toBe(authoritative);
  });

  it.each([
    ['no subject', { email: 'a@gmail.com' }],
    ['an empty subject', { ...google, sub: '' }],
    ['a number as subject', { ...google, sub: 1 }],
    ['a subject with a NUL byte', { ...google, sub: '1\u0000' }],
    ['a subject with a space', { ...google, sub: '1 2' }],
    ['a subject over 255 characters', { ...google, sub: '1'.repeat(256) }],
    ['an address that is an object', { ...google, email: { $gt: '' } }],
    ['an address with a newline', { ...google, email: 'a@gmail.com\nbcc:x@y.z' }],
    ['an address with a comment', { ...google, email: 'a@gmail.com(evil)' }],
    ['two addresses', { ...google, email: 'a@gmail.com,b@gmail.com' }],
    ['an address with two at-signs', { ...google, email: 'a@evil.example@gmail.com' }],
    ['an over-long address', { ...google, email: `${'a'.repeat(250)}@gmail.com` }],
    ['a list', [google]],
    ['nothing', null],
  ])('is refused whole for %s', (_what, answer) => {
    expect(() => readGoogleProfile(answer)).toThrow('upstream.invalid_answer');
  });

  it('takes a name without control characters and a language only when it is one', () => {
    expect(readGoogleProfile({ ...google, name: ' A\u0000\u202eB ', locale: 'pt_BR' })).toMatchObject({
      name: 'AB',
      locale: 'pt-BR',
    });
    const nameOf = (name: string) => readGoogleProfile({ ...google, name }).name;
    expect(nameOf('A\u2028B\ud800C')).toBe('ABC');
    expect(nameOf(`${'x'.repeat(119)}🙂🙂`)).toBe(`${'x'.repeat(119)}🙂`);
    const strange = readGoogleProfile({ ...google, name: '\u0007', locale: '<script>' });
    expect(strange).not.toHaveProperty('name');
    expect(strange).not.toHaveProperty('locale');
  });
});

describe("Facebook's answer", () => {
  it('is never verified and never authoritative, whatever it says', () => {
    const answer = { id: '9', email: 'a@gmail.com', email_verified: true, verified: true };
    expect(readFacebookProfile(answer)).toEqual({
      provider: 'facebook',
      subject: '9',
      email: 'a@gmail.com',
      emailVerified: false,
      authoritativeFor: false,
    });
  });

  it('is refused without an id', () => {
    expect(() => readFacebookProfile({ name: 'A' })).toThrow('upstream.invalid_answer');
  });
});
