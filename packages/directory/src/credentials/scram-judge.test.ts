import { createScramClient, formatServerFinal, type ScramProof } from '@homeward/sasl';
import { createTempFolder } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEmbeddedDirectory } from '../embedded/embedded-directory.ts';
import { createAccount } from '../testing/driver-contract.ts';
import { DirectoryUnavailableError, type AccountKind, type LoginRecord } from '../ports.ts';
import type { DirectoryDriver } from '../directory-driver.ts';
import { createPasswordService } from './password-service.ts';
import { createScramJudge } from './scram-judge.ts';

const stack = new AsyncDisposableStack();
let driver: DirectoryDriver;
let login: LoginRecord;

beforeAll(async () => {
  const folder = stack.use(await createTempFolder('scram'));
  driver = await openEmbeddedDirectory({ file: folder.join('directory.db') });
  stack.defer(() => driver.close());
  const argon2 = { memoryKib: 64, passCount: 1, parallelism: 1 };
  const passwords = createPasswordService({ argon2, scramIterationCount: 4096 });
  stack.defer(() => passwords.close());
  const made = await passwords.createCredentialSet('correct horse');
  if (!made.ok) throw new Error(made.reason);
  login = { account: createAccount('anna'), credentials: made.credentials };
});
afterAll(() => stack.disposeAsync());

const ofKind = (kind: AccountKind): LoginRecord => ({
  ...login,
  account: { ...login.account, kind },
});

const judgedByLdap = (): LoginRecord => ({
  ...login,
  account: { ...login.account, ldap: { judges: 'secret' } as never },
});

describe('findParameters()', () => {
  test('tells how the keys of an account were made', async () => {
    const { salt, iterationCount } = login.credentials?.scramSha256 ?? {};
    const found = await createScramJudge(driver).findParameters(login, 'anna');
    expect(found).toEqual({ salt, iterationCount });
  });

  test.each<[string, () => LoginRecord | undefined]>([
    ['a name that nobody has', () => undefined],
    ['an account without a password', () => ({ ...login, credentials: undefined })],
    ['a guest', () => ofKind('guest')],
    ['an administrator', () => ofKind('administrator')],
    ['whom LDAP judges', () => judgedByLdap()],
  ])(
    'makes something up for %s: the same at every front end and after a restart',
    async (_, who) => {
      const here = await createScramJudge(driver).findParameters(who(), 'nora');
      const there = await createScramJudge(driver).findParameters(who(), 'nora');
      const other = await createScramJudge(driver).findParameters(who(), 'norb');
      expect(here).toEqual(there);
      if (typeof here === 'string' || typeof other === 'string') throw new Error('unavailable');
      expect(here.salt).not.toBe(other.salt);
      expect(here.salt).not.toBe(login.credentials?.scramSha256.salt);
      expect(Buffer.from(here.salt, 'base64')).toHaveLength(16);
      expect(here.iterationCount).toBe(100_000);
    },
  );

  test('cannot tell while the directory is away, and can once it is back', async () => {
    let isAway = true;
    const judge = createScramJudge({
      getSharedSecret(name) {
        if (isAway) return Promise.reject(new DirectoryUnavailableError('away'));
        return driver.getSharedSecret(name);
      },
    });
    expect(await judge.findParameters(login, 'anna')).toBe('unavailable');
    isAway = false;
    expect(await judge.findParameters(undefined, 'nora')).toMatchObject({
      iterationCount: 100_000,
    });
  });
});

describe('verify()', () => {
  /** The proof of a client that was told the account's parameters. */
  function prove(password: string): {
    readonly proof: ScramProof;
    readonly client: ReturnType<typeof createScramClient>;
  } {
    const { salt = '', iterationCount = 0 } = login.credentials?.scramSha256 ?? {};
    const client = createScramClient({
      authzid: undefined,
      authcid: 'anna',
      password: Buffer.from(password),
      nonce: 'n',
    });
    const challenge = `r=nx,s=${salt},i=${iterationCount}`;
    const text = Buffer.from(client.step(Buffer.from(challenge))).toString();
    const [withoutProof = '', proof = ''] = text.split(',p=');
    return {
      client,
      proof: {
        authMessage: `n=anna,r=n,${challenge},${withoutProof}`,
        clientProof: Buffer.from(proof, 'base64'),
      },
    };
  }

  test('believes the right proof, and is believed', () => {
    const { proof, client } = prove('correct horse');
    const verdict = createScramJudge(driver).verify(login, proof, 'imap');
    if (verdict.outcome !== 'match') throw new Error('mismatch');
    expect(client.step(formatServerFinal(verdict.serverSignature))).toEqual(new Uint8Array(0));
  });

  test.each<[string, () => LoginRecord | undefined, string]>([
    ['of another password', () => login, 'wrong'],
    ['of nobody', () => undefined, 'correct horse'],
    ['of who has no password', () => ({ ...login, credentials: undefined }), 'correct horse'],
    ['of a blocked kind', () => ofKind('anonymous'), 'correct horse'],
    ['of whom LDAP judges', () => judgedByLdap(), 'correct horse'],
  ])('refuses the proof %s', (_claim, who, password) => {
    const verdict = createScramJudge(driver).verify(who(), prove(password).proof, 'imap');
    expect(verdict).toEqual({ outcome: 'mismatch' });
  });
});
