/**
 * What holds for every home of other software, run against the real ones: all ways in by the
 * client's own password, and sessions that notice nothing of the front end in between.
 */
import { ensureDebianProgram, startProcess } from '@homeward/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  type FrontEndWorld,
  type WorldCertificates,
} from '../../testing/front-end-world.ts';
import {
  lastReason,
  logIn,
  popIn,
  putPeerSite,
  type PeerDoor,
  type PeerHome,
} from './peer-site.ts';
import { endSafely } from './safe-ends.ts';

/** Above every buffer between a client and its home; with lines that POP3 has to stuff. */
const LARGE_MESSAGE = `From: a@example.org\r\nSubject: large\r\n\r\n${'.'.repeat(70)}\r\n`.padEnd(
  3_000_000,
  `${'x'.repeat(60)}\r\n.\r\n`,
);

export interface PeerHomeFacts {
  readonly name: string;
  /** Called once; a login by its password must succeed. */
  readonly start: () => Promise<PeerHome & { stop(): Promise<void> }>;
}

export function describePeerHome({ name, start }: PeerHomeFacts): void {
  describe(`${name} as a home`, () => {
    let home: PeerHome & { stop(): Promise<void> };
    let certificates: WorldCertificates;
    let world: FrontEndWorld;
    beforeAll(async () => {
      certificates = await createWorldCertificates();
      home = await start();
    });
    afterAll(() => home?.stop());
    beforeEach(async () => {
      world = await openFrontEndWorld({
        certificates,
        config: { draining: { commandSeconds: 30 } },
      });
    });
    afterEach(() => world[Symbol.asyncDispose]());

    describe.each<PeerDoor>(['implicit', 'starttls', 'none'])('behind %s', (door) => {
      beforeEach(() => putPeerSite(world, home, door));

      it('opens the mailbox by the client’s own password, and says itself what it can do', async () => {
        const { client, answer } = await logIn(world, home.password);
        const [, told = ''] = /^a OK \[CAPABILITY ([^\]]*)\]/.exec(answer) ?? [answer];
        const { untagged } = await client.expectOk('CAPABILITY');
        expect(untagged).toEqual([`* CAPABILITY ${told}`]);
        expect((await client.command('SELECT INBOX')).status).toBe('OK');
        await client.close();
      });

      it('opens the maildrop', async () => {
        const { client, answer } = await popIn(world, home.password);
        expect(answer).toMatch(/^\+OK/);
        await client.sendLine('STAT');
        expect(await client.readLine()).toMatch(/^\+OK \d+ \d+/);
        await client.sendLine('QUIT');
        expect(await client.readLine()).toMatch(/^\+OK/);
        await client.close();
      });
    });

    // Not behind each door, and all at once: some take seconds to say so.
    it('says itself that a password is wrong', async () => {
      await putPeerSite(world, home, 'starttls');
      const [imap, pop3] = await Promise.all([logIn(world, 'wrong'), popIn(world, 'wrong')]);
      expect(imap.answer).toMatch(/^a NO \[AUTHENTICATIONFAILED\]/);
      expect(pop3.answer).toMatch(/^-ERR \[AUTH\]/);
      expect(lastReason(world)).toBe('wrong-password');
      await imap.client.close();
      await pop3.client.close();
    });

    it('takes and gives a large message, octet for octet', async () => {
      await putPeerSite(world, home, 'implicit');
      const { client } = await logIn(world, home.password);
      await append(client, LARGE_MESSAGE);
      await client.expectOk('SELECT INBOX');
      const { untagged } = await client.expectOk('FETCH * BODY.PEEK[]');
      const fetched = untagged.find((line) => line.includes('BODY[]')) ?? '';
      expect(fetched.includes(LARGE_MESSAGE)).toBe(true);
      await client.expectOk('LOGOUT');
      await client.close();

      const pop3 = await popIn(world, home.password);
      await pop3.client.sendLine('STAT');
      const [, last = ''] = /^\+OK (\d+)/.exec(await pop3.client.readLine()) ?? [];
      await pop3.client.sendLine(`RETR ${last}`);
      expect(await pop3.client.readLine()).toMatch(/^\+OK/);
      const lines = await pop3.client.readDotLines();
      expect(`${lines.join('\r\n')}\r\n` === `${LARGE_MESSAGE}\r\n`).toBe(true);
      await pop3.client.close();
    });

    it('tells who idles of new mail', async () => {
      await putPeerSite(world, home, 'implicit');
      const idler = (await logIn(world, home.password)).client;
      const { untagged } = await idler.expectOk('SELECT INBOX');
      const [, count = ''] = /(\d+) EXISTS/.exec(untagged.join('\n')) ?? [];
      await idler.sendLine('i IDLE');
      await idler.expectLine(/^\+ /);
      const author = (await logIn(world, home.password)).client;
      await append(author, 'Subject: new\r\n\r\nmail\r\n');
      let line = '';
      while (!line.endsWith(' EXISTS')) line = await idler.readLine();
      expect(line).toBe(`* ${Number(count) + 1} EXISTS`);
      await idler.sendLine('DONE');
      expect((await idler.readUntilTagged('i')).status).toBe('OK');
      await idler.close();
      await author.close();
    });

    it('is left between two commands and in IDLE, behind an APPEND that is slow', async () => {
      await putPeerSite(world, home, 'implicit');
      expect(await endSafely(world, home.password)).toEqual(['ended', 'ended', 'ended']);
    });

    it('is read by curl, over IMAP and POP3', async () => {
      await putPeerSite(world, home, 'starttls');
      const { client } = await logIn(world, home.password);
      await append(client, 'Subject: for curl\r\n\r\nhello\r\n');
      const { untagged } = await client.expectOk('STATUS INBOX (MESSAGES)');
      const [, last = ''] = /MESSAGES (\d+)/.exec(untagged.join('\n')) ?? [];
      await client.close();
      const imap = `imaps://localhost:${world.ports.imaps}/INBOX;MAILINDEX=${last}`;
      const pop3 = `pop3s://localhost:${world.ports.pop3s}/${last}`;
      expect(await runCurl(imap)).toContain('Subject: for curl');
      expect(await runCurl(pop3)).toContain('Subject: for curl');
    });

    async function runCurl(url: string): Promise<string> {
      const found = await ensureDebianProgram({ names: ['curl'], packages: ['curl'] });
      if ('problem' in found) throw new Error(`Install curl (${found.problem}).`);
      const config = `user = "bob@example.net:${home.password.replaceAll(/["\\]/g, '\\$&')}"\n`;
      const curl = startProcess(found.path, {
        args: ['-sS', '-K', '-', '--cacert', world.publicCaFile, url],
        input: config,
      });
      await curl.waitForExit();
      return curl.output;
    }
  });
}

async function append(
  client: Awaited<ReturnType<typeof logIn>>['client'],
  message: string,
): Promise<void> {
  await client.sendLine(`p APPEND INBOX {${message.length}}`);
  await client.expectLine(/^\+ /);
  await client.send(`${message}\r\n`);
  expect((await client.readUntilTagged('p')).text).toMatch(/^OK/);
}
