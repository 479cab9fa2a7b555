/** A real Postfix in front of the demo: it hands in mail by LMTP, and hears each home's answer. */
import { runSwaks, startPostfix, type TestPostfix } from '@homeward/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Demo, startDemo } from '../demo/demo.ts';
import { holdSiteDown } from '../demo/site-faults.ts';
import { waitUntil } from '../poll.ts';
import { awaitMessage, readInbox } from './read-inbox.ts';

const STRANGER = 'friend@far.example';

let demo: Demo;
let postfix: TestPostfix;
let domain: string;
beforeAll(async () => {
  demo = await startDemo({ accountCount: 12 });
  domain = demo.facts.users[0]?.name.split('@')[1] ?? '';
  postfix = await startPostfix({
    domains: [domain],
    lmtp: `127.0.0.1:${demo.facts.lmtpPort}`,
    relayHost: 'discard',
  });
});
afterAll(async () => {
  await postfix?.stop();
  await demo?.stop();
});

/** A stranger writes, and Postfix takes it. */
async function write(to: readonly string[], subject: string): Promise<void> {
  const { code, dialogue } = await runSwaks(
    ...['--server', `${postfix.host}:${postfix.port}`, '--from', STRANGER],
    ...['--to', to.join(','), '--header', `Subject: ${subject}`],
  );
  expect({ code, dialogue }).toMatchObject({ code: 0 });
}

it('brings one message to the mailboxes of all sites', async () => {
  const readers = [demo.takeUser('dublin'), demo.takeUser('oslo'), demo.takeUser('oslo')];
  await write(
    readers.map(({ name }) => name),
    'From afar',
  );
  for (const reader of readers) {
    const message = await awaitMessage(demo, reader, 'From afar');
    expect(message).toMatch(new RegExp(`Return-Path: <${STRANGER}>`, 'u'));
    expect(await readInbox(demo, reader)).toHaveLength(1);
  }
});

it('hears that nobody has the address, and of the others that they have it', async () => {
  const reader = demo.takeUser('dublin');
  await write([reader.name, `nobody.at.all@${domain}`], 'Half');
  await awaitMessage(demo, reader, 'Half');
  await postfix.waitForLine(/to=<nobody\.at\.all@[^>]+>,.* dsn=5\.1\.1, status=bounced/u);
});

it('hears that the mailbox is full', async () => {
  const reader = demo.takeUser('oslo');
  await demo.expectCommand(['account', 'set', reader.name, '--quota-messages', '1']);
  await write([reader.name], 'Just fits');
  await awaitMessage(demo, reader, 'Just fits');
  await write([reader.name], 'Too much');
  await postfix.waitForLine(
    new RegExp(`to=<${reader.name}>,.* dsn=5\\.2\\.2, status=bounced`, 'u'),
  );
  expect(await readInbox(demo, reader)).toHaveLength(1);
});

it(
  'keeps what goes to a site that is down, and brings it later',
  { timeout: 180_000 },
  async () => {
    const here = demo.takeUser('dublin');
    const away = demo.takeUser('oslo');
    {
      using _down = await holdSiteDown(demo, 'oslo');
      await write([here.name, away.name], 'Later');
      await awaitMessage(demo, here, 'Later');
      await postfix.waitForLine(
        new RegExp(`to=<${away.name}>,.* dsn=4\\.\\d\\.\\d, status=deferred`, 'u'),
      );
    }
    await waitUntil('oslo to be back', () => readInbox(demo, away), 60_000);
    await waitUntil(
      'it to arrive',
      async () => {
        await postfix.flush();
        return (await readInbox(demo, away)).length > 0 || undefined;
      },
      90_000,
    );
    expect(await readInbox(demo, away)).toHaveLength(1);
    expect(await readInbox(demo, here)).toHaveLength(1);
  },
);
