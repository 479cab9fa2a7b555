import { createHmac, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReplayMemory } from './replay-memory.ts';
import { createTicketKeyPair, parsePublicKey } from './ticket-keys.ts';
import { createTicketSigner } from './ticket-signer.ts';
import type { TicketRequest } from './ticket-signer.ts';
import { createTicketVerifier } from './ticket-verifier.ts';
import type { TicketVerdict, TicketVerifyKey } from './ticket-verifier.ts';

const NOW_MS = 1_800_000_000_000;
const NOW_SECONDS = NOW_MS / 1000;
const EXPORTER = Buffer.alloc(32, 7).toString('base64url');

const pair = createTicketKeyPair();
const otherPair = createTicketKeyPair();
const revokedPair = createTicketKeyPair();
const keys = new Map<string, TicketVerifyKey>([
  [pair.keyId, { publicKey: pair.publicKey, isRevoked: false }],
  [revokedPair.keyId, { publicKey: revokedPair.publicKey, isRevoked: true }],
]);

const request: TicketRequest = {
  sub: '01J00000000000000000000000',
  aud: 'dublin',
  epoch: 3,
  proto: 'pop3',
  sid: 'conversation-1',
  client: {
    address: '192.0.2.1',
    port: 50_000,
    tls: { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' },
  },
  login: 'änna@example.com',
  act: undefined,
  access: undefined,
  quota: undefined,
  operator: undefined,
  cnf: EXPORTER,
};

function issue(change: Partial<TicketRequest> = {}, nowMs: number = NOW_MS): string {
  return createTicketSigner({ ...pair, nowMs: () => nowMs }).sign({ ...request, ...change });
}

const verifier = createTicketVerifier({
  site: 'dublin',
  findKey: (keyId) => keys.get(keyId),
  nowMs: () => NOW_MS,
});
const connection = { proto: 'pop3', exporter: EXPORTER } as const;

/** Signs anything with a good key. */
function signParts(header: unknown, payload: unknown, pem: string = pair.privateKey): string {
  const signed = [header, payload]
    .map((part) => (typeof part === 'string' ? part : JSON.stringify(part)))
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');
  return `${signed}.${sign(null, Buffer.from(signed), createPrivateKey(pem)).toString('base64url')}`;
}

const goodHeader = { alg: 'EdDSA', typ: 'JWT', kid: pair.keyId };
const goodClaims = { ...request, iat: NOW_SECONDS, exp: NOW_SECONDS + 30 };

function reasonOf(verdict: TicketVerdict): string {
  return verdict.ok ? 'accepted' : verdict.reason;
}

describe('createTicketVerifier()', () => {
  test('accepts what createTicketSigner() signed, and gives its claims', () => {
    expect(verifier.verify(issue(), connection)).toEqual({
      ok: true,
      claims: { ...request, iat: NOW_SECONDS, exp: NOW_SECONDS + 30, jti: undefined },
    });
  });

  test('accepts a delegate and a client without TLS', () => {
    const ticket = issue({ act: 'other', client: { address: '::1', port: 1, tls: undefined } });
    expect(verifier.verify(ticket, connection)).toMatchObject({
      claims: { act: 'other', client: { tls: undefined } },
    });
  });

  test('accepts a session for reading, a quota, and an operator', () => {
    const quota = { bytes: 1_000, messages: undefined };
    const ticket = issue({ access: 'read', quota, operator: true });
    expect(verifier.verify(ticket, connection)).toMatchObject({
      claims: { access: 'read', quota, operator: true },
    });
    const unlimited = issue({ quota: { bytes: undefined, messages: undefined } });
    expect(verifier.verify(unlimited, connection)).toMatchObject({ claims: { quota: {} } });
  });

  test('accepts the hand-made ticket that the rows below spoil, and unknown claims', () => {
    expect(reasonOf(verifier.verify(signParts(goodHeader, goodClaims), connection))).toBe(
      'accepted',
    );
    const newer = { ...goodClaims, future: { a: 1 } };
    expect(reasonOf(verifier.verify(signParts(goodHeader, newer), connection))).toBe('accepted');
  });

  test.each([
    [
      'another front end\u2019s key under this key id',
      signParts(goodHeader, goodClaims, otherPair.privateKey),
      'bad-signature',
    ],
    [
      'an unknown key',
      createTicketSigner({ ...otherPair, nowMs: () => NOW_MS }).sign(request),
      'unknown-key',
    ],
    [
      'a revoked key',
      createTicketSigner({ ...revokedPair, nowMs: () => NOW_MS }).sign(request),
      'revoked-key',
    ],
    ['another site', issue({ aud: 'oslo' }), 'wrong-site'],
    ['another protocol', issue({ proto: 'imap' }), 'wrong-protocol'],
    [
      'another connection',
      issue({ cnf: Buffer.alloc(32, 8).toString('base64url') }),
      'wrong-connection',
    ],
    ['no connection at all', issue({ cnf: undefined }), 'wrong-connection'],
    ['one that expired', issue({}, NOW_MS - 90_000), 'expired'],
    ['one from the future', issue({}, NOW_MS + 61_000), 'not-yet-valid'],
    ['a long life', signParts(goodHeader, { ...goodClaims, exp: NOW_SECONDS + 31 }), 'malformed'],
    ['no life', signParts(goodHeader, { ...goodClaims, exp: NOW_SECONDS }), 'malformed'],
  ])('refuses %s', (_, ticket, reason) => {
    expect(reasonOf(verifier.verify(ticket, connection))).toBe(reason);
  });

  test('allows for a minute of clock skew, both ways', () => {
    expect(reasonOf(verifier.verify(issue({}, NOW_MS - 89_000), connection))).toBe('accepted');
    expect(reasonOf(verifier.verify(issue({}, NOW_MS + 60_000), connection))).toBe('accepted');
  });

  test.each([
    ['empty text', ''],
    ['two parts', 'a.b'],
    ['four parts', `${issue()}.x`],
    ['an oversized one', signParts(goodHeader, { ...goodClaims, pad: 'x'.repeat(4096) })],
    ['padding', `${issue()}=`],
    ['blanks', ` ${issue()}`],
    ['a short signature', issue().slice(0, -4)],
    [
      'alg none',
      `${Buffer.from('{"alg":"none","typ":"JWT","kid":"x"}').toString('base64url')}.${Buffer.from(JSON.stringify(goodClaims)).toString('base64url')}.`,
    ],
    ['alg none with a signature', signParts({ ...goodHeader, alg: 'none' }, goodClaims)],
    ['alg Ed25519', signParts({ ...goodHeader, alg: 'Ed25519' }, goodClaims)],
    ['another typ', signParts({ ...goodHeader, typ: 'at+jwt' }, goodClaims)],
    ['no kid', signParts({ alg: 'EdDSA', typ: 'JWT' }, goodClaims)],
    ['a kid that is no text', signParts({ ...goodHeader, kid: 7 }, goodClaims)],
    ['crit', signParts({ ...goodHeader, crit: ['exp'] }, goodClaims)],
    ['its own key', signParts({ ...goodHeader, jwk: {} }, goodClaims)],
    ['a header that is no JSON', signParts('x', goodClaims)],
    ['a header that is a list', signParts([], goodClaims)],
    ['claims that are no JSON', signParts(goodHeader, '{')],
    ['claims that are null', signParts(goodHeader, 'null')],
  ])('refuses %s as malformed', (_, ticket) => {
    expect(reasonOf(verifier.verify(ticket, connection))).toBe('malformed');
  });

  test('refuses HS256 made with the public key as its secret', () => {
    const header = { ...goodHeader, alg: 'HS256' };
    const signed = [header, goodClaims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const secret = Buffer.from(pair.publicKey, 'base64url');
    const mac = createHmac('sha256', secret).update(signed).digest('base64url');
    expect(reasonOf(verifier.verify(`${signed}.${mac}`, connection))).toBe('malformed');
  });

  test.each([
    ['sub', undefined],
    ['sub', ''],
    ['sub', 7],
    ['sub', 'x'.repeat(65)],
    ['aud', ['dublin']],
    ['iat', 1.5],
    ['iat', '1800000000'],
    ['exp', null],
    ['epoch', -1],
    ['epoch', undefined],
    ['proto', 'smtp'],
    ['proto', 'constructor'],
    ['sid', undefined],
    ['login', 'x'.repeat(513)],
    ['act', null],
    ['act', ''],
    ['access', 'full'],
    ['access', null],
    ['quota', 7],
    ['quota', null],
    ['quota', { bytes: -1 }],
    ['quota', { messages: '7' }],
    ['operator', false],
    ['cnf', {}],
    ['jti', 'x'.repeat(65)],
    ['client', undefined],
    ['client', { address: '192.0.2.1' }],
    ['client', { address: '192.0.2.1', port: 65_536 }],
    ['client', { address: '192.0.2.1', port: 1, tls: null }],
    ['client', { address: '192.0.2.1', port: 1, tls: { version: 'TLSv1.3' } }],
  ])('refuses a signed ticket whose %s is %j', (claim, value) => {
    const ticket = signParts(goodHeader, { ...goodClaims, [claim]: value });
    expect(reasonOf(verifier.verify(ticket, connection))).toBe('malformed');
  });

  test('refuses a ticket in which any one character was changed', () => {
    const ticket = issue();
    fc.assert(
      fc.property(
        fc.nat(ticket.length - 1),
        fc.constantFrom('A', 'z', '-', '.', '='),
        (at, put) => {
          fc.pre(ticket[at] !== put);
          const altered = ticket.slice(0, at) + put + ticket.slice(at + 1);
          expect(verifier.verify(altered, connection).ok).toBe(false);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('never crashes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.array(fc.json(), { maxLength: 4 })), (input) => {
        const text =
          typeof input === 'string'
            ? input
            : input.map((part) => Buffer.from(part).toString('base64url')).join('.');
        expect(verifier.verify(text, connection).ok).toBe(false);
      }),
    );
  });
});

describe('createTicketVerifier() on a plain leg', () => {
  const plain = { proto: 'pop3', exporter: undefined } as const;
  const create = (replayLimit: number, nowMs: () => number = () => NOW_MS) =>
    createTicketVerifier({ site: 'dublin', findKey: (id) => keys.get(id), nowMs, replayLimit });

  test('accepts a ticket once', () => {
    const plainVerifier = create(10);
    const ticket = issue({ cnf: undefined });
    expect(plainVerifier.verify(ticket, plain).ok).toBe(true);
    expect(reasonOf(plainVerifier.verify(ticket, plain))).toBe('replayed');
    expect(plainVerifier.verify(issue({ cnf: undefined }), plain).ok).toBe(true);
  });

  test('refuses one that is bound to a TLS connection', () => {
    expect(reasonOf(create(10).verify(issue(), plain))).toBe('wrong-connection');
  });

  test('refuses one without an id', () => {
    const ticket = signParts(goodHeader, { ...goodClaims, cnf: undefined });
    expect(reasonOf(create(10).verify(ticket, plain))).toBe('malformed');
  });

  test('a refused ticket is not used up', () => {
    let known = false;
    const late = createTicketVerifier({
      site: 'dublin',
      findKey: (id) => (known ? keys.get(id) : undefined),
      nowMs: () => NOW_MS,
    });
    const ticket = issue({ cnf: undefined });
    expect(reasonOf(late.verify(ticket, plain))).toBe('unknown-key');
    known = true;
    expect(late.verify(ticket, plain).ok).toBe(true);
  });

  test('refuses rather than forget when its memory is full, and heals', () => {
    let nowMs = NOW_MS;
    const small = create(2, () => nowMs);
    for (let count = 0; count < 2; count += 1) {
      expect(small.verify(issue({ cnf: undefined }), plain).ok).toBe(true);
    }
    expect(reasonOf(small.verify(issue({ cnf: undefined }), plain))).toBe('replayed');
    nowMs += 150_000;
    expect(small.verify(issue({ cnf: undefined }, nowMs), plain).ok).toBe(true);
  });
});

describe('ReplayMemory', () => {
  test('remembers an id for as long as its ticket could be shown again', () => {
    const memory = new ReplayMemory(10);
    expect(memory.remember('a', 1000)).toBe(true);
    expect(memory.remember('a', 1149)).toBe(false);
    expect(memory.remember('a', 1150)).toBe(true);
    expect(memory.size).toBe(1);
  });
});

describe('createTicketSigner()', () => {
  test('names its key as the directory does, when it is given no name', () => {
    const { privateKey } = pair;
    const ticket = createTicketSigner({ privateKey, nowMs: () => NOW_MS }).sign(request);
    expect(reasonOf(verifier.verify(ticket, connection))).toBe('accepted');
  });

  test('refuses a key of another kind', () => {
    const { privateKey } = generateKeyPairSync('x25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(() => createTicketSigner({ keyId: 'x', privateKey: pem, nowMs: () => NOW_MS })).toThrow(
      TypeError,
    );
  });
});

test('createTicketKeyPair() makes no id that a command line takes for an option', () => {
  const ids = Array.from({ length: 1000 }, () => createTicketKeyPair().keyId);
  expect(ids.filter((id) => !/^[\w][\w-]{15}$/u.test(id))).toEqual([]);
});

describe('parsePublicKey()', () => {
  test('reads the public half of createTicketKeyPair()', () => {
    expect(parsePublicKey(pair.publicKey)?.asymmetricKeyType).toBe('ed25519');
  });

  const x25519 = generateKeyPairSync('x25519').publicKey;
  test.each([
    '',
    'x',
    Buffer.alloc(44).toString('base64url'),
    `${pair.publicKey}=`,
    x25519.export({ type: 'spki', format: 'der' }).toString('base64url'),
  ])('rejects %j', (text) => {
    expect(parsePublicKey(text)).toBe(undefined);
  });
});
