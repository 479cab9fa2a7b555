import { deriveScramKeys } from '@homeward/sasl';
import { FakeClock } from '@homeward/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { createAccount } from '../testing/driver-contract.ts';
import type { AccountKind, CredentialSet, LoginRecord } from '../ports.ts';
import { systemClock } from '../clock.ts';
import { HashPool } from './hash-pool.ts';
import {
  createPasswordService,
  PASSWORD_LIMIT_BYTES,
  type PasswordService,
  type PasswordServiceOptions,
} from './password-service.ts';

const cheap = { memoryKib: 64, passCount: 1, parallelism: 1 };
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

function open(options: PasswordServiceOptions = {}): PasswordService {
  const service = createPasswordService({ argon2: cheap, scramIterationCount: 4_096, ...options });
  opened.push(service);
  return service;
}

async function createLogin(
  service: PasswordService,
  password: string,
  kind: AccountKind = 'user',
): Promise<LoginRecord> {
  const outcome = await service.createCredentialSet(password);
  if (!outcome.ok) throw new Error(outcome.reason);
  return { account: createAccount('anna', { kind }), credentials: outcome.credentials };
}

const octets = (text: string): Buffer => Buffer.from(text);

describe('createCredentialSet()', () => {
  test('makes a set that verifies its password and no other', async () => {
    const service = open();
    const login = await createLogin(service, 'correct horse');
    expect(login.credentials?.argon2id).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
    expect(await service.verifyPassword(login, octets('correct horse'))).toBe('match');
    for (const wrong of ['', 'correct', 'correct horse ', 'Correct horse', 'correct horse\0']) {
      expect(await service.verifyPassword(login, octets(wrong))).toBe('mismatch');
    }
  });

  test('never makes the same twice', async () => {
    const service = open();
    const [one, two] = [await createLogin(service, 'x'), await createLogin(service, 'x')];
    expect(one.credentials?.argon2id).not.toBe(two.credentials?.argon2id);
    expect(one.credentials?.scramSha256.salt).not.toBe(two.credentials?.scramSha256.salt);
  });

  test('makes SCRAM keys of the prepared password', async () => {
    const service = open();
    const { credentials } = await createLogin(service, 'p\u00AD\u2168');
    const { salt, storedKey, serverKey } = credentials?.scramSha256 ?? ({} as never);
    const keys = deriveScramKeys(octets('pIX'), Buffer.from(salt, 'base64'), 4_096);
    expect(Buffer.from(keys.storedKey).toString('base64')).toBe(storedKey);
    expect(Buffer.from(keys.serverKey).toString('base64')).toBe(serverKey);
  });

  test('refuses no password and one that is too long', async () => {
    const service = open();
    expect(await service.createCredentialSet('')).toEqual({ ok: false, reason: 'empty' });
    expect(await service.createCredentialSet('\u00AD')).toEqual({ ok: false, reason: 'empty' });
    const long = 'x'.repeat(PASSWORD_LIMIT_BYTES + 1);
    expect(await service.createCredentialSet(long)).toEqual({ ok: false, reason: 'too-long' });
  });
});

describe('verifyPassword()', () => {
  test('verifies a hash of the reference implementation', async () => {
    const service = open();
    const argon2id =
      '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    const credentials = { argon2id } as CredentialSet;
    const login = { account: createAccount('anna'), credentials };
    expect(await service.verifyPassword(login, octets('password'))).toBe('match');
    expect(
      service.isOutdated({ ...credentials, scramSha256: { iterationCount: 4_096 } as never }),
    ).toBe(true);
  });

  test('takes one password in every Unicode spelling, and octets of another charset', async () => {
    const service = open();
    const umlaut = await createLogin(service, 'pa\u0308ss');
    expect(await service.verifyPassword(umlaut, octets('p\u00E4ss'))).toBe('match');
    const latin1 = Buffer.from('p\u00E4ss', 'latin1');
    expect(await service.verifyPassword(umlaut, latin1)).toBe('mismatch');
    const outcome = await service.createCredentialSet(latin1);
    const login = { ...umlaut, credentials: outcome.ok ? outcome.credentials : undefined };
    expect(await service.verifyPassword(login, latin1)).toBe('match');
  });

  test('says mismatch for nobody, for no password, for a broken hash and for much too long', async () => {
    const service = open();
    const login = await createLogin(service, 'right');
    const broken = { argon2id: 'x' } as CredentialSet;
    const password = octets('right');
    expect(await service.verifyPassword(undefined, password)).toBe('mismatch');
    expect(await service.verifyPassword({ ...login, credentials: undefined }, password)).toBe(
      'mismatch',
    );
    expect(await service.verifyPassword({ ...login, credentials: broken }, password)).toBe(
      'mismatch',
    );
    expect(await service.verifyPassword(login, Buffer.alloc(1_000_000, 'x'))).toBe('mismatch');
  });

  test('takes equal time for unknown, passwordless, blocked and wrong', async () => {
    let hashCount = 0;
    const service = open({
      argon2: { memoryKib: 16_384, passCount: 2, parallelism: 1 },
      onHashed: () => (hashCount += 1),
    });
    const login = await createLogin(service, 'right');
    const guest = await createLogin(service, 'right', 'guest');
    const cases: [LoginRecord | undefined, string, string][] = [
      [login, 'wrong', 'mismatch'],
      [undefined, 'right', 'mismatch'],
      [{ ...login, credentials: undefined }, 'right', 'mismatch'],
      [guest, 'wrong', 'mismatch'],
      [guest, 'right', 'match'],
    ];
    const timesMs = cases.map((): number[] => []);
    hashCount = 0;
    for (let round = 0; round < 9; round += 1) {
      for (const [index, [subject, password, expected]] of cases.entries()) {
        const startedAtMs = performance.now();
        expect(await service.verifyPassword(subject, octets(password))).toBe(expected);
        timesMs[index]?.push(performance.now() - startedAtMs);
      }
    }
    expect(hashCount).toBe(9 * cases.length);
    // The quickest of each: what else the machine does can only make one slower.
    const quickest = timesMs.map((times) => Math.min(...times));
    expect(Math.max(...quickest) / Math.min(...quickest)).toBeLessThan(2);
  });
});

describe('remembered passwords', () => {
  test('cost nothing, until their time is over', async () => {
    const clock = new FakeClock();
    const service = open({ clock, rememberMs: 60_000 });
    const login = await createLogin(service, 'right');
    expect(await service.verifyPassword(login, octets('right'))).toBe('match');
    const isRemembered = async (): Promise<boolean> => {
      const verification = service.verifyPassword(login, octets('right'));
      const wasComputed = service.load > 0;
      expect(await verification).toBe('match');
      return !wasComputed;
    };
    expect(await isRemembered()).toBe(true);
    clock.advance(59_999);
    expect(await isRemembered()).toBe(true);
    clock.advance(1);
    expect(await isRemembered()).toBe(false);
    expect(await isRemembered()).toBe(true);
    service.forgetAll();
    expect(await isRemembered()).toBe(false);
  });

  test('are forgotten on any change of the account or its secrets', async () => {
    const service = open();
    const login = await createLogin(service, 'right');
    await service.verifyPassword(login, octets('right'));
    const others: LoginRecord[] = [
      { ...login, account: { ...login.account, version: 2 } },
      { ...login, account: createAccount('bob') },
      { ...login, credentials: (await createLogin(service, 'right')).credentials },
    ];
    for (const other of others) {
      const verification = service.verifyPassword(other, octets('right'));
      expect(service.load).toBe(1);
      await verification;
    }
  });

  test('are not kept for blocked kinds, nor for wrong passwords', async () => {
    const service = open();
    for (const kind of ['guest', 'anonymous', 'administrator'] satisfies AccountKind[]) {
      const login = await createLogin(service, 'right', kind);
      for (let round = 0; round < 2; round += 1) {
        const verification = service.verifyPassword(login, octets('right'));
        expect(service.load).toBe(1);
        expect(await verification).toBe('match');
      }
    }
  });

  test('are bounded in number', async () => {
    const service = open({ rememberLimit: 2 });
    const logins = [];
    for (let i = 0; i < 3; i += 1) logins.push(await createLogin(service, 'x'));
    for (const login of logins) await service.verifyPassword(login, octets('x'));
    const loads: number[] = [];
    for (const login of logins.toReversed()) {
      const verification = service.verifyPassword(login, octets('x'));
      loads.push(service.load);
      await verification;
    }
    expect(loads).toEqual([0, 0, 1]);
  });

  test('serve connections that came at once after one computation', async () => {
    const service = open({ argon2: { memoryKib: 32_768, passCount: 3, parallelism: 1 } });
    const login = await createLogin(service, 'right');
    const one = await timed(() => service.verifyPassword(undefined, octets('right')));
    const five = await timed(() =>
      Promise.all([1, 2, 3, 4, 5].map(() => service.verifyPassword(login, octets('right')))),
    );
    expect(five.result).toEqual(['match', 'match', 'match', 'match', 'match']);
    expect(five.ms).toBeLessThan(one.ms * 3);
    const wrong = await timed(() =>
      Promise.all([1, 2, 3, 4, 5].map(() => service.verifyPassword(login, octets('wrong')))),
    );
    expect(wrong.ms).toBeGreaterThan(one.ms * 3);
  });
});

describe('the queue', () => {
  test('refuses as busy what is more than it holds, and goes on', async () => {
    const service = open({ queueLimit: 2 });
    const login = await createLogin(service, 'right');
    const outcomes = await Promise.all(
      [1, 2, 3, 4, 5].map(() => service.verifyPassword(undefined, octets('x'))),
    );
    expect(outcomes).toEqual(['mismatch', 'mismatch', 'mismatch', 'busy', 'busy']);
    expect(await service.verifyPassword(login, octets('right'))).toBe('match');
    expect(service.load).toBe(0);
  });

  test('ends with close(): what waits is refused', async () => {
    const service = open();
    const waiting = [1, 2, 3].map(() => service.verifyPassword(undefined, octets('x')));
    await service.close();
    await service.close();
    expect(await Promise.all(waiting)).toEqual(['busy', 'busy', 'busy']);
    expect(await service.createCredentialSet('x')).toEqual({ ok: false, reason: 'busy' });
  });

  test('replaces a thread that dies, and tells', async () => {
    const faults: Error[] = [];
    const pool = new HashPool({
      threadCount: 1,
      clock: systemClock,
      queueLimit: 4,
      onFault: (e) => faults.push(e),
    });
    opened.push(pool);
    const hash = { costs: cheap, salt: Buffer.alloc(16), hash: Buffer.alloc(32) };
    const good = { kind: 'verify', password: octets('x'), expected: hash } as const;
    const bad = { ...good, expected: { ...hash, salt: Buffer.alloc(1) } };
    const results = await Promise.all([pool.run(good), pool.run(bad), pool.run(good)]);
    expect(results).toEqual([
      { kind: 'verified', isMatch: false },
      undefined,
      { kind: 'verified', isMatch: false },
    ]);
    expect(faults).toHaveLength(1);
  });
});

test.each<PasswordServiceOptions>([
  { argon2: { memoryKib: 1, passCount: 1, parallelism: 1 } },
  { scramIterationCount: 4_095 },
  { threadCount: 0 },
  { queueLimit: -1 },
])('createPasswordService() refuses %j', (options) => {
  expect(() => createPasswordService(options)).toThrow(RangeError);
});

async function timed<Result>(task: () => Promise<Result>): Promise<{ ms: number; result: Result }> {
  const startedAtMs = performance.now();
  const result = await task();
  return { ms: performance.now() - startedAtMs, result };
}
