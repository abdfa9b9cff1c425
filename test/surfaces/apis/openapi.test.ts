import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await startIssuer();
});

describe.each(['account', 'configuration'])('the OpenAPI document of the API %s', (name) => {
  const get = (headers: Record<string, string> = {}) =>
    fetch(new URL(`/api/${name}/openapi.json`, issuer.url), { headers });

  it('is served to anybody, from any site, once', async () => {
    const answer = await get({ origin: 'https://anywhere.example' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
    expect(answer.headers.has('set-cookie')).toBe(false);
    const document = await answer.json();
    expect(document).toMatchObject({ openapi: '3.1.1', servers: [{ url: issuer.url }] });
    const again = await get({ 'if-none-match': answer.headers.get('etag') ?? '' });
    expect(again.status).toBe(304);
  });

  it('is valid, and the one of docs/openapi but for the address', async () => {
    const text = await (await get()).text();
    const file = readFileSync(`docs/openapi/${name}.json`, 'utf8');
    expect(JSON.parse(text.replaceAll(issuer.url, 'https://id.example.com'))).toEqual(JSON.parse(file));
    expect(await new Validator().validate(JSON.parse(file))).toEqual({ valid: true });
  });
});

describe('a problem', () => {
  it('leads to the text that explains its code', async () => {
    const answer = await fetch(new URL('/api/nothing', issuer.url));
    const problem = (await answer.json()) as { type: string; code: string };
    expect([answer.status, problem.code]).toEqual([404, 'route.not_found']);
    const page = await fetch(problem.type);
    expect(page.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await page.text()).toContain('## route.not_found');
  });
});
