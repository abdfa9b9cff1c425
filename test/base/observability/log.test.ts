import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { createLog, type LogLevel } from '../../../src/base/observability/log.ts';
import { maskText } from '../../../src/base/observability/masking.ts';

function logged(level: LogLevel = 'debug') {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { log: createLog({ level, destination }), lines };
}

function lineOf(fields: Record<string, unknown>, message = 'something happened'): string {
  const { log, lines } = logged();
  log.info(fields, message);
  return lines.join('');
}

const canary = 'Zx9-canary_5550199';

describe('a log line', () => {
  it('is one line of JSON with level, time and message', () => {
    const { log, lines } = logged();
    log.with({ module: 'mail' }).warn({ attempt: 2 }, 'a mail waits');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      module: 'mail',
      attempt: 2,
      msg: 'a mail waits',
    });
  });

  it('is not written below the level', () => {
    const { log, lines } = logged('warn');
    log.info({}, 'no');
    log.error({}, 'yes');
    expect(lines).toHaveLength(1);
  });

  it('cannot be forged by what it holds', () => {
    const line = lineOf({ route: 'a\n{"level":"fatal"}\u001b[31m\u2028' }, 'x\n"}{"level":"error"');
    expect(line.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(line).level).toBe('info');
  });

  it('keeps stable codes, which are what operators look for', () => {
    const line = lineOf({
      code: 'csrf.refused',
      error: Object.assign(new Error('x'), { code: 'ECONNRESET' }),
    });
    expect(JSON.parse(line)).toMatchObject({ code: 'csrf.refused', error: { code: 'ECONNRESET' } });
  });
});

describe('a canary', () => {
  it.each([
    ['password', canary],
    ['newPassword', canary],
    ['password_confirmation', canary],
    ['clientSecret', canary],
    ['client_secret', canary],
    ['access_token', canary],
    ['refreshToken', canary],
    ['id_token', canary],
    ['csrfToken', canary],
    ['code', canary],
    ['userCode', canary],
    ['otp', canary],
    ['state', canary],
    ['nonce', canary],
    ['login_hint', canary],
    ['id_token_hint', canary],
    ['code_verifier', canary],
    ['client_assertion', canary],
    ['authorization', `Bearer ${canary}`],
    ['Authorization', `Basic ${canary}`],
    ['cookie', canary],
    ['set-cookie', [canary]],
    ['headers', { 'x-any': canary }],
    ['body', { any: canary }],
    ['query', { any: canary }],
    ['masterKeys', [canary]],
    ['email', canary],
    ['to', canary],
    ['phone_number', canary],
    ['givenName', canary],
    ['birthdate', canary],
    ['ip', canary],
    ['userAgent', canary],
    ['url', `https://id.example.com/?any=${canary}`],
    ['bytes', Buffer.from(canary)],
  ])('in the field %s is not written, at any depth', (key, value) => {
    for (const fields of [{ [key]: value }, { a: { b: [{ [key]: value }] } }]) {
      const line = lineOf(fields);
      expect(line).not.toContain(canary);
      expect(line).not.toContain(Buffer.from(canary).toString('base64'));
      expect(line).not.toContain(String(canary.charCodeAt(0)).concat(','));
    }
  });

  it.each([
    [`no member ann.${canary}+x@mail.example.com here`],
    [`https://id.example.com/cb?code=${canary}&x=1`],
    [`/verify?t=${canary}`],
    [`GET /auth?a=1&state=${canary}`],
    [`/auth?login_hint=${canary}`],
    [`/end?id_token_hint=${canary}`],
    [`#access_token=${canary}`],
    [`Authorization: Bearer ${canary}`],
    [`mongodb://user:${canary}@db.example/x`],
    [`eyJhbGciOiJSUzI1NiJ9.${canary}.${canary}`],
    [`E11000 duplicate key error collection: x index: _id_ dup key: { _id: "${canary}" }`],
    [`ann%40${canary}.example`],
  ])('in a text is masked: %s', (text) => {
    expect(maskText(text)).not.toContain(canary);
    expect(lineOf({ note: text }, text)).not.toContain(canary);
    const { message, stack, cause } = JSON.parse(
      lineOf({ error: new Error(text, { cause: new Error(text) }) }),
    ).error;
    expect(JSON.stringify([message, stack, cause])).not.toContain(canary);
  });

  it('in own properties of an error is not written', () => {
    const error = Object.assign(new Error('failed'), {
      request: { body: canary },
      keyValue: { _id: canary },
    });
    expect(lineOf({ error })).not.toContain(canary);
  });
});

describe('an error in a line', () => {
  it('shows name, message, frames and cause', () => {
    const error = new TypeError('outer', { cause: new RangeError('inner') });
    const written = JSON.parse(lineOf({ error })).error;
    expect(written).toMatchObject({ name: 'TypeError', message: 'outer', cause: { name: 'RangeError' } });
    expect(written.stack).toMatch(/^\s+at /);
  });

  it('keeps the folders of scoped packages in its frames', () => {
    expect(maskText('at x (file:///app/node_modules/@koa/router/index.mjs:1:2)')).toContain('@koa/router');
  });

  it('may be circular or deep', () => {
    const error: Error & { self?: unknown } = new Error('loop');
    error.cause = error;
    const loop: Record<string, unknown> = { error };
    loop.loop = loop;
    expect(() => lineOf(loop)).not.toThrow();
  });

  it('is masked quickly even when its text was made to be slow', () => {
    const hostile = `${'a'.repeat(200_000)}@`.repeat(2);
    expect(maskText(hostile).length).toBeLessThan(2100);
  });
});
