/** Each protocol's settings for people who log in at a home itself, live; front ends come all the same. */
import { type AccountRecord, createPasswordService, type Protocol } from '@homeward/directory';
import type { ProtocolSettings } from '@homeward/login-guards';
import type { RawClient } from '@homeward/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { askPop3, logInToPop3 } from '../testing/pop3-client.ts';
import { askSmtp, openSubmission } from '../testing/smtp-client.ts';
import { openTestSite, type TestSite } from '../testing/test-site.ts';

const PASSWORD = 'correct horse';
let site: TestSite;
let anna: AccountRecord;

beforeAll(async () => {
  site = await openTestSite({ directLogin: true, plainFrontEnds: true });
  const argon2 = { memoryKib: 1_024, passCount: 1, parallelism: 1 };
  const passwords = createPasswordService({ argon2, scramIterationCount: 4_096 });
  const made = await passwords.createCredentialSet(PASSWORD);
  await passwords.close();
  if (!made.ok) throw new Error(made.reason);
  anna = await site.addAccount({}, made.credentials);
});
afterAll(() => site[Symbol.asyncDispose]());

afterEach(() => site.reconfigure({}));

/** From now on; what was set before is as configured. */
function set(protocol: Protocol, changes: Partial<ProtocolSettings>): void {
  site.reconfigure({ [protocol]: { ...site.config[protocol], ...changes } });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

const plain = (): string => base64(`\0${anna.address}\0${PASSWORD}`);

/** What a person hears who types his password, up to the end of the connection. */
const LOGINS = {
  imap: async (client: RawClient) => client.sendLine(`a LOGIN ${anna.address} "${PASSWORD}"`),
  pop3: async (client: RawClient) => {
    await askPop3(client, `USER ${anna.address}`);
    await client.sendLine(`PASS ${PASSWORD}`);
  },
  submission: async (client: RawClient) => {
    await askSmtp(client, 'EHLO client.example.test');
    await client.sendLine(`AUTH PLAIN ${plain()}`);
  },
} as const;

const TICKETS = {
  imap: async () => await (await site.openImap(anna))[Symbol.asyncDispose](),
  pop3: async () => {
    await using client = await site.connect('pop3s');
    expect(await logInToPop3(site, client, anna)).toMatch(/^\+OK/);
  },
  submission: async () => await (await openSubmission(site, anna))[Symbol.asyncDispose](),
} as const;

describe('enabled', () => {
  it.each([
    ['imap', /^\* BYE \[CONTACTADMIN\] IMAP is switched off here; .*\(ref (\S+)\)\r\n$/],
    ['pop3', /^-ERR \[SYS\/PERM\] POP3 is switched off here; .*\(ref (\S+)\)\r\n$/],
    ['submission', /^521 5\.3\.2 Submission is switched off here, .*\(ref (\S+)\)\r\n$/],
  ] as const)('sends people away from %s, not front ends', async (protocol, words) => {
    await using early = await site.connect(`${protocol}s`);
    set(protocol, { enabled: false });
    await using late = await site.connect(`${protocol}s`);
    for (const client of [early, late]) {
      await LOGINS[protocol](client);
      const { octets } = await client.readToEnd();
      const reference = words.exec(octets.toString())?.[1];
      expect(reference, octets.toString()).toBeDefined();
      expect(site.log).toContainEqual(
        expect.objectContaining({
          event: 'login.rejected',
          reason: 'switched-off',
          protocol,
          loginName: anna.address,
          conversationId: reference,
        }),
      );
    }
    await TICKETS[protocol]();
    site.reconfigure({});
    await using again = await site.connect(`${protocol}s`);
    await LOGINS[protocol](again);
    expect(await again.readLine()).toMatch(/^(a OK|\+OK|235)/);
  });

  it('says so to SCRAM before it tells anything of the account', async () => {
    set('imap', { enabled: false });
    await using client = await site.connect('imaps');
    const first = base64(`n,,n=${anna.address},r=fyko+d2lbbFgONRv9qkxdawL`);
    await client.sendLine(`a AUTHENTICATE SCRAM-SHA-256 ${first}`);
    expect((await client.readToEnd()).octets.toString()).toMatch(/^\* BYE \[CONTACTADMIN\] /);
  });

  it('counts who comes all the same, and leaves open sessions alone', async () => {
    await using open = await site.connect('imaps');
    await LOGINS.imap(open);
    expect(await open.readLine()).toMatch(/^a OK/);
    set('imap', { enabled: false });
    await open.expectOk('NOOP');
    expect(await site.metrics.format()).toMatch(
      /logins_total\{[^}]*outcome="switched-off"[^}]*\} [1-9]/,
    );
  });
});

describe('loginType', () => {
  it('SecureLogin wants TLS of people, and no TLS of front ends', async () => {
    set('imap', { loginType: 'SecureLogin' });
    await using client = await site.connect('imap');
    const offer = (await client.command('CAPABILITY')).untagged.join();
    expect(offer).toMatch(/STARTTLS.* LOGINDISABLED.* AUTH=OAUTHBEARER/);
    expect(offer).not.toMatch(/AUTH=(PLAIN|LOGIN|SCRAM|XOAUTH2)/);
    const refused = await client.command(`LOGIN ${anna.address} "${PASSWORD}"`);
    expect(refused.text).toMatch(/^NO \[PRIVACYREQUIRED\]/);
    const ticket = site.sign(anna, client, { cnf: undefined });
    expect(await site.authenticate(client, ticket)).toMatch(/^t OK/);
    await using encrypted = await site.connect('imaps');
    await LOGINS.imap(encrypted);
    expect(await encrypted.readLine()).toMatch(/^a OK/);
  });

  it.each(['pop3', 'submission'] as const)('SecureLogin holds for %s', async (protocol) => {
    set(protocol, { loginType: 'SecureLogin' });
    await using client = await site.connect(protocol);
    if (protocol === 'pop3') {
      expect(await askPop3(client, `USER ${anna.address}`)).toMatch(/^-ERR .*TLS/);
      expect(await logInToPop3(site, client, anna, { cnf: undefined })).toMatch(/^\+OK/);
    } else {
      await askSmtp(client, 'EHLO client.example.test');
      expect(await askSmtp(client, `AUTH PLAIN ${plain()}`)).toMatch(/^538 /);
      const ticket = site.sign(anna, client, { proto: 'submission', cnf: undefined });
      const response = base64(`n,,\x01auth=Bearer ${ticket}\x01\x01`);
      expect(await askSmtp(client, `AUTH OAUTHBEARER ${response}`)).toMatch(/^235 /);
    }
  });

  it('PlainTextAuthentication lets in without TLS who shows no secret', async () => {
    set('imap', { loginType: 'PlainTextAuthentication' });
    await using client = await site.connect('imap');
    const offer = (await client.command('CAPABILITY')).untagged.join();
    expect(offer).toContain('AUTH=SCRAM-SHA-256');
    expect(offer).not.toContain('AUTH=PLAIN');
  });

  it('takes no person’s token where only a ticket may come without TLS', async () => {
    set('imap', { loginType: 'SecureLogin' });
    await using client = await site.connect('imap');
    const claims = base64(JSON.stringify({ iss: 'https://id.example' }));
    const token = `${base64('{"alg":"ES256"}')}.${claims}.c2ln`.replaceAll('=', '');
    expect(await site.authenticate(client, token)).toMatch(/^t NO \[PRIVACYREQUIRED\]/);
    expect(site.log).toContainEqual(
      expect.objectContaining({ event: 'login.rejected', reason: 'privacy-required' }),
    );
  });
});

it('banner greets from the next connection on', async () => {
  for (const protocol of ['imap', 'pop3', 'submission'] as const) {
    set(protocol, { banner: 'Mail of Example Ltd' });
    await using client = await site.connectUngreeted(`${protocol}s`);
    expect(await client.readLine()).toMatch(/Mail of Example Ltd$/);
  }
});

it('limits.submissionCommandBytes bounds commands behind the login', async () => {
  site.reconfigure({ limits: { ...site.config.limits, submissionCommandBytes: 512 } });
  await using client = await openSubmission(site, anna);
  expect(await askSmtp(client, `NOOP ${'x'.repeat(600)}`)).toMatch(/^5\d\d /);
});

describe('maxCommandBytes', () => {
  it('bounds what is said before a login, and nothing behind it', async () => {
    set('imap', { maxCommandBytes: 4_096 });
    const long = `a ID ("name" "${'x'.repeat(5_000)}")`;
    await using stranger = await site.connect('imaps');
    await stranger.sendLine(long);
    expect(await stranger.readLine()).toMatch(/may have 4096 octets/);
    await using client = await site.connect('imaps');
    await LOGINS.imap(client);
    expect(await client.readLine()).toMatch(/^a OK/);
    await client.sendLine(`a SEARCH SUBJECT "${'x'.repeat(5_000)}"`);
    expect(await client.readLine()).toMatch(/^a BAD \[CLIENTBUG\] Select a mailbox/);
  });

  it('leaves tickets their room where it is as small as can be', async () => {
    for (const [protocol, maxCommandBytes] of [
      ['imap', 1_024],
      ['pop3', 40],
      ['submission', 512],
    ] as const) {
      set(protocol, { maxCommandBytes });
      await TICKETS[protocol]();
    }
  });
});
