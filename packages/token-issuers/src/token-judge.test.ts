/** Tokens of an issuer whose keys come from a real HTTPS server, also when that misbehaves. */
import { createHmac } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createTempFolder, createTestCertificate } from '@homeward/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TokenIssuer } from './issuer-schema.ts';
import {
  createSigningKey,
  openIssuerServer,
  signToken,
  type IssuerServer,
  type SigningKey,
} from './testing/issuer-server.ts';
import { createTokenJudge, type TokenJudge } from './token-judge.ts';

const ISSUER = 'https://id.example';
const GOOD = { iss: ISSUER, aud: 'mail', scope: 'imap openid', email: 'anna@example.org' };

const stack = new AsyncDisposableStack();
let server: IssuerServer;
let key: SigningKey;
let otherKey: SigningKey;
let settings: TokenIssuer;
let folder: Awaited<ReturnType<typeof createTempFolder>>;
let elapsedMs = 0;
let readings: (string | undefined)[] = [];

beforeAll(async () => {
  folder = stack.use(await createTempFolder('issuer'));
  const certificate = await createTestCertificate(['localhost']);
  await writeFile(folder.join('ca.pem'), certificate.ca);
  server = stack.use(await openIssuerServer(certificate));
  [key, otherKey] = await Promise.all([createSigningKey('k1'), createSigningKey('k2')]);
  settings = {
    issuer: ISSUER,
    jwksUri: server.jwksUri,
    caFile: folder.join('ca.pem'),
    audiences: ['mail', 'other'],
    scopes: ['imap'],
    nameClaim: 'email',
    domains: [],
    algorithms: ['ES256', 'RS256'],
    clockToleranceSeconds: 30,
  };
});
afterAll(() => stack.disposeAsync());
beforeEach(() => {
  elapsedMs = 0;
  readings = [];
  server.answer = { kind: 'keys', keys: [key.jwk] };
});

function open(change: Partial<TokenIssuer> = {}): TokenJudge & Disposable {
  const judge = createTokenJudge({
    clock: {
      nowMs: () => Date.now(),
      elapsedMs: () => elapsedMs,
      after(delayMs, run) {
        const timer = setTimeout(run, delayMs);
        return () => clearTimeout(timer);
      },
    },
    onKeysRead: (_issuer, detail) => readings.push(detail),
  });
  judge.setIssuers([{ ...settings, ...change }]);
  return Object.assign(judge, { [Symbol.dispose]: () => judge.close() });
}

/** In one word. */
async function outcome(judge: TokenJudge, token: string): Promise<string> {
  const verdict = await judge.judge(token);
  return verdict.ok ? `ok ${verdict.name}` : verdict.reason;
}

const now = (): number => Math.floor(Date.now() / 1000);
const base64url = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url');

describe('judge()', () => {
  it('tells name, issuer and end of a token that is good', async () => {
    using judge = open();
    const exp = now() + 60;
    expect(await judge.judge(await signToken(key, { ...GOOD, exp }))).toEqual({
      ok: true,
      name: 'anna@example.org',
      issuer: ISSUER,
      expiresAtMs: exp * 1000,
    });
  });

  it.each<[claim: string, claims: Record<string, unknown>, expected: string]>([
    ['one of several audiences', { aud: ['x', 'other'] }, 'ok anna@example.org'],
    ['Microsoft’s scp', { scope: undefined, scp: 'imap' }, 'ok anna@example.org'],
    ['scp as a list', { scope: undefined, scp: ['imap'] }, 'ok anna@example.org'],
    ['a clock that is a little ahead', { nbf: now() + 10 }, 'ok anna@example.org'],
    // Its session would end at once: an end is no place for tolerance.
    ['an end that is just past', { exp: now() }, 'expired'],
    ['an end that is past', { exp: now() - 60 }, 'expired'],
    ['no end', { exp: undefined }, 'malformed'],
    ['an end that is no number', { exp: 'tomorrow' }, 'malformed'],
    ['a beginning that is to come', { nbf: now() + 300 }, 'not-yet-valid'],
    ['another audience', { aud: 'web' }, 'wrong-audience'],
    ['no audience', { aud: undefined }, 'wrong-audience'],
    ['another issuer', { iss: 'https://evil.example' }, 'unknown-issuer'],
    ['an issuer that looks alike', { iss: `${ISSUER}/` }, 'unknown-issuer'],
    ['no issuer', { iss: undefined }, 'malformed'],
    ['a scope less', { scope: 'openid' }, 'scope-missing'],
    ['a scope that only begins like it', { scope: 'imap.read' }, 'scope-missing'],
    ['no scope', { scope: undefined }, 'scope-missing'],
    ['no name', { email: undefined }, 'no-name'],
    ['a name that is no text', { email: ['anna@example.org'] }, 'no-name'],
    ['a name that is not verified', { email_verified: false }, 'no-name'],
    ['a name that is not verified, said as a text', { email_verified: 'false' }, 'no-name'],
  ])('of a token with %s says what it is', async (_claim, claims, expected) => {
    using judge = open();
    expect(await outcome(judge, await signToken(key, { ...GOOD, ...claims }))).toBe(expected);
  });

  it.each([
    ['anna@example.org', 'ok anna@example.org'],
    ['anna@EXAMPLE.org', 'ok anna@EXAMPLE.org'],
    ['anna@evil.example', 'foreign-domain'],
    ['anna@sub.example.org', 'foreign-domain'],
    ['anna', 'foreign-domain'],
    // Who logs in is the first of the two names.
    ['boss@evil.example/team@example.org', 'foreign-domain'],
    ['evil/boss/team@example.org', 'foreign-domain'],
    ['evil\\boss@example.org', 'foreign-domain'],
    ['example.org', 'foreign-domain'],
  ])('lets an issuer speak for its domains alone: %s', async (email, expected) => {
    using judge = open({ domains: ['example.org'] });
    expect(await outcome(judge, await signToken(key, { ...GOOD, email }))).toBe(expected);
  });

  it('believes no signature but that of the key', async () => {
    using judge = open();
    const token = await signToken(key, GOOD);
    const [header, , signature] = token.split('.');
    const forged = `${header}.${base64url({ ...GOOD, exp: now() + 60, email: 'boss@x' })}.${signature}`;
    expect(await outcome(judge, forged)).toBe('bad-signature');
    // By a key of its own that is called the same.
    expect(await outcome(judge, await signToken({ ...otherKey, kid: 'k1' }, GOOD))).toBe(
      'bad-signature',
    );
  });

  it('takes no token that is not signed, nor one signed with what everybody knows', async () => {
    using judge = open();
    const body = base64url({ ...GOOD, exp: now() + 60 });
    const none = `${base64url({ alg: 'none' })}.${body}.`;
    expect(await outcome(judge, none)).toBe('algorithm-not-allowed');
    const signed = `${base64url({ alg: 'HS256', kid: 'k1' })}.${body}`;
    const mac = createHmac('sha256', JSON.stringify(key.jwk)).update(signed).digest('base64url');
    expect(await outcome(judge, `${signed}.${mac}`)).toBe('algorithm-not-allowed');
    using narrow = open({ algorithms: ['RS256'] });
    expect(await outcome(narrow, await signToken(key, GOOD))).toBe('algorithm-not-allowed');
  });

  it('takes no shared key, even if the issuer’s list has one', async () => {
    const secret = Buffer.alloc(32, 1);
    const k = secret.toString('base64url');
    server.answer = { kind: 'keys', keys: [{ kty: 'oct', k, kid: 'k1', alg: 'HS256' }, key.jwk] };
    using judge = open();
    const signed = `${base64url({ alg: 'HS256', kid: 'k1' })}.${base64url({ ...GOOD, exp: now() + 9 })}`;
    const mac = createHmac('sha256', secret).update(signed).digest('base64url');
    expect(await outcome(judge, `${signed}.${mac}`)).toBe('algorithm-not-allowed');
    expect(await outcome(judge, await signToken(key, GOOD))).toBe('ok anna@example.org');
  });

  it.each(['', 'x', 'a.b.c', 'a.b', `${base64url({})}.${base64url([])}.x`, '..', '\u{1f600}.x.y'])(
    'takes %j for no token',
    async (token) => {
      using judge = open();
      expect(await outcome(judge, token)).toBe('malformed');
    },
  );
});

describe('an issuer’s keys', () => {
  it('are read once for logins that come together, and not again while they are new', async () => {
    using judge = open();
    const before = server.askedCount;
    const token = await signToken(key, GOOD);
    const all = await Promise.all([1, 2, 3, 4].map(() => outcome(judge, token)));
    expect(new Set(all)).toEqual(new Set(['ok anna@example.org']));
    expect(await outcome(judge, token)).toBe('ok anna@example.org');
    expect(server.askedCount - before).toBe(1);
  });

  it('are read anew for a token whose key is new, and not more often than that', async () => {
    using judge = open();
    const rotated = await signToken(otherKey, GOOD);
    await outcome(judge, await signToken(key, GOOD));
    const before = server.askedCount;
    expect(await outcome(judge, rotated)).toBe('unknown-key');
    expect(server.askedCount).toBe(before);
    server.answer = { kind: 'keys', keys: [otherKey.jwk] };
    elapsedMs += 10_000;
    expect(await outcome(judge, rotated)).toBe('ok anna@example.org');
    expect(server.askedCount - before).toBe(1);
    expect(await outcome(judge, await signToken(key, GOOD))).toBe('unknown-key');
  });

  it('are read anew before a token is judged by those of a quarter of an hour ago', async () => {
    using judge = open();
    const withdrawn = await signToken(key, { ...GOOD, exp: now() + 1000 });
    expect(await outcome(judge, withdrawn)).toBe('ok anna@example.org');
    const before = server.askedCount;
    server.answer = { kind: 'keys', keys: [otherKey.jwk] };
    elapsedMs += 15 * 60_000;
    expect(await outcome(judge, withdrawn)).toBe('ok anna@example.org');
    expect(server.askedCount).toBe(before);
    elapsedMs += 1;
    const all = await Promise.all([1, 2, 3].map(() => outcome(judge, withdrawn)));
    expect(all).toEqual(['unknown-key', 'unknown-key', 'unknown-key']);
    expect(server.askedCount - before).toBe(1);
  });

  it('serve on where the issuer takes too long, and who comes later waits no more', async () => {
    using judge = open();
    const token = await signToken(key, { ...GOOD, exp: now() + 1000 });
    await outcome(judge, token);
    server.answer = { kind: 'silence' };
    elapsedMs += 3_600_000;
    expect(await outcome(judge, token)).toBe('ok anna@example.org');
    expect(await outcome(judge, token)).toBe('ok anna@example.org');
    // The reading itself goes on for three seconds.
    expect(readings).toEqual([undefined]);
    await expect.poll(() => readings, { timeout: 5_000 }).toEqual([undefined, 'takes too long']);
  });

  it('are served while the issuer is away, for a day', async () => {
    using judge = open();
    const token = await signToken(key, { ...GOOD, exp: now() + 1000 });
    await outcome(judge, token);
    server.answer = { kind: 'status', status: 503 };
    elapsedMs += 3_600_000;
    expect(await outcome(judge, token)).toBe('ok anna@example.org');
    await expect.poll(() => readings.at(-1)).toBe('answers 503');
    elapsedMs += 24 * 3_600_000;
    expect(await outcome(judge, token)).toBe('issuer-unavailable');
    server.answer = { kind: 'keys', keys: [key.jwk] };
    elapsedMs += 10_000;
    expect(await outcome(judge, token)).toBe('ok anna@example.org');
  });

  it.each<[claim: string, answer: IssuerServer['answer'], detail: string]>([
    ['an error', { kind: 'status', status: 500 }, 'answers 500'],
    ['a redirection', { kind: 'status', status: 302 }, 'answers 302'],
    ['no JSON', { kind: 'text', text: '<html>' }, 'answers no JSON'],
    ['no key set', { kind: 'text', text: '{"keys":{}}' }, 'is no JWK Set'],
    ['no keys', { kind: 'keys', keys: [] }, 'has no public key'],
    ['more than anybody needs', { kind: 'endless' }, 'answers too much'],
    ['nothing at all', { kind: 'silence' }, 'takes too long'],
  ])(
    'that cannot be had, since it answers %s, refuse nobody’s token',
    async (_, answer, detail) => {
      using judge = open();
      server.answer = answer;
      expect(await outcome(judge, await signToken(key, GOOD))).toBe('issuer-unavailable');
      expect(readings).toEqual([detail]);
    },
  );

  it('are taken from nobody whose certificate is not right', async () => {
    using judge = open({ caFile: undefined });
    expect(await outcome(judge, await signToken(key, GOOD))).toBe('issuer-unavailable');
    expect(readings[0]).toMatch(/CERT|SELF_SIGNED|VERIFY/);
  });

  it('may be in a file', async () => {
    const jwksFile = folder.join('keys.json');
    await writeFile(jwksFile, JSON.stringify({ keys: [key.jwk] }));
    using judge = open({ jwksUri: undefined, jwksFile });
    expect(await outcome(judge, await signToken(key, GOOD))).toBe('ok anna@example.org');
  });

  it('stay known when other settings of the issuer change', async () => {
    using judge = open();
    const token = await signToken(key, GOOD);
    await outcome(judge, token);
    const before = server.askedCount;
    judge.setIssuers([{ ...settings, scopes: ['admin'] }]);
    expect(await outcome(judge, token)).toBe('scope-missing');
    expect(server.askedCount).toBe(before);
    judge.setIssuers([]);
    expect(await outcome(judge, token)).toBe('unknown-issuer');
  });
});
