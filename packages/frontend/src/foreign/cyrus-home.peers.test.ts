/** A real Cyrus as the home of accounts: what every home can, and its own ways. */
import { writeFile } from 'node:fs/promises';
import { createTempFolder, startCyrus, type TempFolder, type TestCyrus } from '@homeward/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  type FrontEndWorld,
  type WorldCertificates,
} from '../testing/front-end-world.ts';
import { describePeerHome } from './testing/peer-home-contract.ts';
import { lastReason, logIn, popIn, putPeerSite } from './testing/peer-site.ts';

describePeerHome({ name: 'Cyrus', start: () => startCyrus({ users: ['bob'] }) });

describe('Cyrus with a user of proxyservers', () => {
  const proxy = { name: 'boss', password: 'master-pass' };
  const login = { kind: 'master', user: proxy.name, secret: 'boss', form: 'authzid' } as const;
  let cyrus: TestCyrus;
  let folder: TempFolder;
  let certificates: WorldCertificates;
  let world: FrontEndWorld;
  beforeAll(async () => {
    certificates = await createWorldCertificates();
    folder = await createTempFolder('secrets');
    await writeFile(folder.join('boss'), `${proxy.password}\n`, { mode: 0o600 });
    cyrus = await startCyrus({ users: ['bob'], proxy, config: 'maxlogins_per_user: 1' });
  });
  afterAll(async () => {
    await cyrus?.stop();
    await folder?.remove();
  });
  beforeEach(async () => {
    const secrets = { boss: { passwordFile: folder.join('boss') } };
    world = await openFrontEndWorld({ certificates, homes: { secrets } });
    await putPeerSite(world, cyrus, 'implicit', { login });
    await world.accounts.setPassword('bob@example.net', 'bobs own');
  });
  afterEach(() => world[Symbol.asyncDispose]());

  it('opens mailbox and maildrop, as bob’s', async () => {
    const imap = await logIn(world, 'bobs own');
    expect(imap.answer).toMatch(/^a OK/);
    const { untagged } = await imap.client.expectOk('GETACL INBOX');
    expect(untagged.join()).toMatch(/^\* ACL INBOX bob /);
    await imap.client.expectOk('LOGOUT');
    await imap.client.close();
    const pop3 = await popIn(world, 'bobs own');
    expect(pop3.answer).toMatch(/^\+OK/);
    await pop3.client.close();
  });

  it('is at fault where it does not know the user', async () => {
    await putPeerSite(world, cyrus, 'implicit', { login: { ...login, user: 'nobody' } });
    const { client, answer } = await logIn(world, 'bobs own');
    expect(answer).toMatch(/^a NO \[UNAVAILABLE\]/);
    expect(lastReason(world)).toBe('site-refused');
    await client.close();
  });

  it('says that its own limit is reached', async () => {
    const first = await logIn(world, 'bobs own');
    expect(first.answer).toMatch(/^a OK/);
    const second = await logIn(world, 'bobs own');
    expect(second.answer).toMatch(/^a NO \[LIMIT\]/);
    expect(lastReason(world)).toBe('home-limit');
    await second.client.close();
    const third = await popIn(world, 'bobs own');
    expect(third.answer).toMatch(/^-ERR /);
    expect(lastReason(world)).toBe('home-limit');
    await third.client.close();
    await first.client.close();
  });
});
