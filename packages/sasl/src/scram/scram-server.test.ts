import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SaslClient } from '../sasl-client.ts';
import type { SaslServer, SaslStep } from '../sasl-server.ts';
import type { SaslSurroundings } from '../sasl-surroundings.ts';
import { NO_SURROUNDINGS } from '../testing/no-surroundings.ts';
import { createScramClient } from './scram-client.ts';
import { deriveScramKeys, isProofRight, signForClient } from './scram-keys.ts';
import { createScramServer, formatServerFinal } from './scram-server.ts';

const SALT = 'W22ZaJ0SNY7soEsUEjb6gQ==';
const PARAMETERS = { salt: SALT, iterationCount: 4096 };
const PENCIL = Buffer.from('pencil');
const EXPORTED = Buffer.alloc(32, 7);
const KEYS = deriveScramKeys(PENCIL, Buffer.from(SALT, 'base64'), 4096);

/** Over TLS that ended here: its exporter is known, its certificate has no hash. */
const BOUND: SaslSurroundings = {
  ...NO_SURROUNDINGS,
  findChannelBinding: (type) => (type === 'tls-exporter' ? EXPORTED : undefined),
};

function text(step: SaslStep | undefined): string {
  return step?.kind === 'challenge' ? Buffer.from(step.octets).toString() : `<${step?.kind}>`;
}

/** Up to the server's first message. */
function open(server: SaslServer, message: string): SaslStep {
  const step = server.start(Buffer.from(message));
  return step.kind === 'parameters-wanted' ? step.proceed(PARAMETERS) : step;
}

/** A whole exchange. @returns What is to be verified, and the server's half for the rest. */
function run(client: SaslClient, server: SaslServer): SaslStep {
  const challenge = open(server, Buffer.from(client.start()).toString());
  if (challenge.kind !== 'challenge') return challenge;
  const answer = client.step(challenge.octets);
  if (answer === 'cancel') throw new Error('the client gave up');
  return server.step(answer);
}

describe('createScramServer()', () => {
  test('speaks as RFC 7677 §3 does', () => {
    const makeNonce = (): string => '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
    const server = createScramServer({ ...NO_SURROUNDINGS, makeNonce }, false);
    const first = open(server, 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO');
    expect(text(first)).toBe(
      `r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=${SALT},i=4096`,
    );
    const final = server.step(
      Buffer.from(
        'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
      ),
    );
    if (final.kind !== 'credentials' || final.credentials.kind !== 'scram') throw new Error('no');
    expect(final.credentials).toMatchObject({ loginName: 'user', bindingFault: undefined });
    expect(isProofRight(KEYS.storedKey, final.credentials)).toBe(true);
    const signature = signForClient(KEYS.serverKey, final.credentials.authMessage);
    expect(Buffer.from(formatServerFinal(signature)).toString()).toBe(
      'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
    );
  });

  test('asks with an empty challenge when there was no initial response', () => {
    const server = createScramServer(NO_SURROUNDINGS, false);
    expect(text(server.start(undefined))).toBe('');
    expect(server.step(Buffer.from('n,,n=a,r=x')).kind).toBe('parameters-wanted');
  });

  test('names who logs in and whose mailbox he wants', () => {
    const step = createScramServer(NO_SURROUNDINGS, false).start(
      Buffer.from('n,a=shop=2Cone,n=anna=3D,r=x,t=optional'),
    );
    expect(step).toMatchObject({ loginName: 'anna=', actAs: 'shop,one' });
  });

  test.each([
    ['', 'malformed'],
    ['n=a,r=x', 'malformed'],
    ['n,,n=,r=x', 'malformed'],
    ['n,,n=a=b,r=x', 'malformed'],
    ['n,,n=a,r=', 'malformed'],
    ['n,,n=a,r=x y', 'malformed'],
    ['n,,r=x,n=a', 'malformed'],
    ['n,,m=ext,n=a,r=x', 'malformed'],
    ['n,,n=a,r=x,m=ext', 'malformed'],
    ['n,,n=a\0,r=x', 'malformed'],
    ['n,,n=\xff,r=x', 'not-utf8'],
    [`n,,n=${'a'.repeat(513)},r=x`, 'too-long'],
    [`n,,n=a,r=${'x'.repeat(4096)}`, 'too-long'],
  ])('rejects the first message %j as %s', (message, reason) => {
    const server = createScramServer(NO_SURROUNDINGS, false);
    expect(server.start(Buffer.from(message, 'latin1'))).toEqual({ kind: 'failed', reason });
  });

  const proof = Buffer.alloc(32).toString('base64');
  test.each([
    ['', 'malformed'],
    [`c=biws,r=x,p=${proof}`, 'malformed'],
    [`c=biws,r=server-nonce,p=${proof}`, 'malformed'],
    [`c=biws,r=xserver-nonce,p=AAAA`, 'malformed'],
    [`c=biws,r=xserver-nonce`, 'malformed'],
    [`r=xserver-nonce,c=biws,p=${proof}`, 'malformed'],
    [`c=biws,r=xserver-nonce,m=e,p=${proof}`, 'malformed'],
    [`c=biws,r=xserver-nonce,p=${proof},x=y`, 'malformed'],
    [`c=biws,r=xserver-nonce,e=${'y'.repeat(4096)},p=${proof}`, 'too-long'],
  ])('rejects the final message %j as %s', (message, reason) => {
    const server = createScramServer(NO_SURROUNDINGS, false);
    open(server, 'n,,n=a,r=x');
    expect(server.step(Buffer.from(message))).toEqual({ kind: 'failed', reason });
  });

  test.each<[claim: string, isPlus: boolean, gs2: string, around: SaslSurroundings, fault: string]>(
    [
      ['who thinks that we cannot', false, 'y,,', BOUND, 'downgraded'],
      ['who chose PLUS and does not bind', true, 'n,,', BOUND, 'missing'],
      ['who binds by the mechanism that does not', false, 'p=tls-exporter,,', BOUND, 'unsupported'],
      ['a type that nobody knows', true, 'p=tls-unique,,', BOUND, 'unsupported'],
      ['a type that this TLS has not', true, 'p=tls-server-end-point,,', BOUND, 'unsupported'],
      ['a binding without TLS', true, 'p=tls-exporter,,', NO_SURROUNDINGS, 'unsupported'],
    ],
  )('refuses %s', (_claim, isPlus, gs2, surroundings, bindingFault) => {
    const server = createScramServer(surroundings, isPlus);
    expect(open(server, `${gs2}n=a,r=x`)).toMatchObject({
      kind: 'credentials',
      credentials: { kind: 'scram', loginName: 'a', bindingFault },
    });
  });

  test.each<[claim: string, isPlus: boolean, options: object, fault: string | undefined]>([
    ['who is bound', true, { channelBinding: { type: 'tls-exporter', data: EXPORTED } }, undefined],
    [
      'who is bound elsewhere',
      true,
      { channelBinding: { type: 'tls-exporter', data: Buffer.alloc(32, 8) } },
      'mismatch',
    ],
    ['who cannot bind', false, {}, undefined],
  ])('hears by c= of %s', (_claim, isPlus, options, bindingFault) => {
    const identity = { authzid: undefined, authcid: 'a', password: PENCIL, nonce: 'n' };
    const client = createScramClient({ ...identity, ...options });
    expect(run(client, createScramServer(BOUND, isPlus))).toMatchObject({
      kind: 'credentials',
      credentials: { bindingFault },
    });
  });

  test('a client that would bind logs in where nothing to bind to is offered', () => {
    const identity = { authzid: undefined, authcid: 'a', password: PENCIL, nonce: 'n' };
    const client = createScramClient({ ...identity, wouldBind: true });
    expect(run(client, createScramServer(NO_SURROUNDINGS, false))).toMatchObject({
      credentials: { bindingFault: undefined },
    });
  });

  test('a first message that somebody changed on its way shows in c=', () => {
    const server = createScramServer(NO_SURROUNDINGS, false);
    open(server, 'n,a=shop,n=a,r=x');
    const final = `c=biws,r=xserver-nonce,p=${proof}`;
    expect(server.step(Buffer.from(final))).toMatchObject({
      credentials: { bindingFault: 'mismatch' },
    });
  });

  test('reads what createScramClient() writes, and each believes the other', () => {
    const name = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 40 })
      .filter((one) => !one.includes('\0') && one.isWellFormed());
    fc.assert(
      fc.property(name, fc.option(name, { nil: undefined }), (authcid, authzid) => {
        const client = createScramClient({ authzid, authcid, password: PENCIL, nonce: 'n' });
        const step = run(client, createScramServer(NO_SURROUNDINGS, false));
        if (step.kind !== 'credentials' || step.credentials.kind !== 'scram') throw new Error('no');
        const { credentials } = step;
        expect(credentials).toMatchObject({ loginName: authcid, actAs: authzid });
        expect(isProofRight(KEYS.storedKey, credentials)).toBe(true);
        const signature = signForClient(KEYS.serverKey, credentials.authMessage);
        expect(client.step(formatServerFinal(signature))).toEqual(new Uint8Array(0));
      }),
      { numRuns: 30 },
    );
  });

  test('never crashes', () => {
    const part = fc.constantFrom(
      'n',
      'y',
      'p=',
      ',',
      'a=',
      'n=',
      'r=',
      'c=',
      'm=',
      '=2C',
      'x',
      '\0',
    );
    const message = fc.array(part).map((parts) => Buffer.from(parts.join('')));
    fc.assert(
      fc.property(message, message, (first, second) => {
        const server = createScramServer(NO_SURROUNDINGS, false);
        const step = server.start(first);
        if (step.kind === 'parameters-wanted') step.proceed(PARAMETERS);
        if (step.kind !== 'credentials') server.step(second);
      }),
    );
  });
});

describe('isProofRight()', () => {
  const authMessage = 'a,b,c';
  const right = Buffer.alloc(32, 1);

  test.each([
    ['a proof of another password', right, KEYS.storedKey],
    ['a proof that is too short', right.subarray(1), KEYS.storedKey],
    ['no proof', Buffer.alloc(0), KEYS.storedKey],
    ['a key that is none', right, Buffer.alloc(0)],
  ])('refuses %s', (_claim, clientProof, storedKey) => {
    expect(isProofRight(storedKey, { authMessage, clientProof })).toBe(false);
  });
});

describe('createScramClient()', () => {
  test.each([
    ['a nonce that is not its own', `r=other,s=${SALT},i=4096`],
    ['a nonce without a part of the server', `r=n,s=${SALT},i=4096`],
    ['fewer rounds than RFC 7677 §4 allows', `r=nx,s=${SALT},i=1`],
    ['an error', 'e=other-error'],
  ])('gives up at %s', (_claim, challenge) => {
    const client = createScramClient({
      authzid: undefined,
      authcid: 'a',
      password: PENCIL,
      nonce: 'n',
    });
    expect(client.step(Buffer.from(challenge))).toBe('cancel');
  });

  test('believes no server that does not know its keys', () => {
    const identity = { authzid: undefined, authcid: 'a', password: PENCIL, nonce: 'n' };
    const client = createScramClient(identity);
    client.step(Buffer.from(`r=nx,s=${SALT},i=4096`));
    expect(client.step(formatServerFinal(Buffer.alloc(32)))).toBe('cancel');
  });
});
