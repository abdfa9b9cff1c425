import { describe, expect, it } from '@jest/globals';
import { createCookieJar } from '../../bench/driver/cookie-jar.ts';
import { readForms } from '../../bench/driver/forms.ts';

describe('the driver’s cookie jar', () => {
  it('sends a cookie to its path and below, the longest path first', () => {
    const jar = createCookieJar();
    jar.keep(['a=1; Path=/', 'b=2; path=/interaction/x; HttpOnly']);
    expect(jar.header('/interaction/x/login')).toBe('b=2; a=1');
    expect(jar.header('/interaction/xy')).toBe('a=1');
  });

  it('replaces a cookie of the same name and path, and removes an expired one', () => {
    const jar = createCookieJar();
    jar.keep(['a=1; path=/', 'b=1; path=/']);
    jar.keep(['a=2; path=/', 'b=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT']);
    expect(jar.header('/')).toBe('a=2');
    jar.keep(['a=; path=/; max-age=0']);
    expect(jar.header('/')).toBe('');
  });

  it('keeps only the cookies of a known device', () => {
    const jar = createCookieJar();
    jar.keep(['device=d; path=/', 'session=s; path=/']);
    expect(jar.only(['device']).header('/')).toBe('device=d');
  });
});

describe('reading a page’s forms', () => {
  const html = `<form method="get" action="/search"><input name="q"></form>
    <form action="?step=2&amp;x=1" method="POST"><input type="hidden" name="csrf" value="a&quot;b">
    <input name="email" type="email"><input type="checkbox" name="stay" value="1" checked>
    <input type="checkbox" name="news" value="1"><button name="do" value="go">Go</button></form>`;
  const [first, second] = readForms(html, 'http://issuer.test/interaction/1');

  it('resolves actions against the page', () => {
    expect(first).toMatchObject({ method: 'GET', action: 'http://issuer.test/search' });
    expect(second).toMatchObject({ method: 'POST', action: 'http://issuer.test/interaction/1?step=2&x=1' });
  });

  it('reads values as a browser sends them: hidden ones, ticked boxes, the button, no unticked box', () => {
    expect(second?.values).toEqual({ csrf: 'a"b', email: '', stay: '1' });
    expect(second?.button).toEqual({ name: 'do', value: 'go' });
  });
});
