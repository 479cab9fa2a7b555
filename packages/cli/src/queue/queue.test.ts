/** `homeward queue …` as processes, against a running site whose smart host is away. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_QUEUE_SETTINGS, openSiteQueue, type SiteQueue } from '@homeward/mail-queue';
import { systemClock } from '@homeward/service';
import { NO_MAIL_PARAMETERS, NO_RECIPIENT_PARAMETERS } from '@homeward/smtp/grammar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../output/operator-error.ts';
import { startTestDeployment, type TestDeployment } from '../testing/test-deployment.ts';

/** Nobody listens there. */
const RELAY = `
relay:
  smartHosts:
    - host: 127.0.0.1
      port: 1
      tls: "off"
`;
const TEXT = 'From: anna@example.org\r\nSubject: a secret\r\n\r\nanother secret\r\n';

interface Listed {
  readonly messages: readonly { readonly id: string; readonly reference: string }[];
  readonly next: string | null;
}

let deployment: TestDeployment;

/** The site finds what a worker has left that has ended. */
beforeAll(async () => {
  deployment = await startTestDeployment({ siteConfig: RELAY });
  await deployment.stopSite();
  await fillQueue();
  await deployment.startSite();
});
afterAll(() => deployment[Symbol.asyncDispose]());

const MESSAGES = [
  ['one', 'anna@example.org', 'outside.test'],
  ['two', 'ben@example.org', 'outside.test'],
  ['three', 'anna@example.org', 'other.test'],
] as const;

async function fillQueue(
  messages: readonly (readonly [reference: string, sender: string, domain: string])[] = MESSAGES,
  text = TEXT,
): Promise<void> {
  await using queue = await openOwnQueue();
  for (const [reference, sender, domain] of messages) {
    const spool = queue.intake.openSpool();
    await spool.write(Buffer.from(text));
    const message = await spool.finish();
    if (typeof message === 'string') throw new Error(message);
    const recipients = [{ address: `x@${domain}`, parameters: NO_RECIPIENT_PARAMETERS }];
    const envelope = { reference, sender, parameters: NO_MAIL_PARAMETERS, recipients };
    expect(await queue.intake.enqueue(message, envelope)).toBe('queued');
  }
}

async function openOwnQueue(): Promise<SiteQueue & AsyncDisposable> {
  const queue = await openSiteQueue({
    root: deployment.temp.join('mail/dublin/queue'),
    workerIndex: 0,
    workerCount: 1,
    clock: systemClock,
    settings: () => DEFAULT_QUEUE_SETTINGS,
    router: {
      route: () =>
        Promise.resolve({ kind: 'deferred', code: 451, enhanced: '4.3.0', text: 'later' }),
    },
    transport: { deliver: () => Promise.resolve([]) },
    identity: () => ({ reportingMta: 'test', from: 'postmaster@example.org' }),
    report: () => undefined,
  });
  return { ...queue, [Symbol.asyncDispose]: () => queue.close() };
}

async function references(...args: readonly string[]): Promise<readonly string[]> {
  const { messages } = await deployment.json<Listed>('queue', 'list', ...args);
  return messages.map(({ reference }) => reference);
}

describe('homeward queue', () => {
  it('lists what waits, by filters', async () => {
    expect(await references()).toEqual(['one', 'two', 'three']);
    expect(await references('--sender', 'ben@example.org')).toEqual(['two']);
    expect(await references('--recipient', '@other.test')).toEqual(['three']);
    expect(await references('--site', 'dublin', '--state', 'held')).toEqual([]);
  });

  it('lists in pages, and shows, never a word of what is sent', async () => {
    const first = await deployment.json<Listed>('queue', 'list', '--limit', '2');
    expect(first.messages).toHaveLength(2);
    expect(await references('--after', first.next ?? '')).toEqual(['three']);
    const { id } = first.messages[0] ?? { id: '' };
    const shown = `${await deployment.run('queue', 'list')}${await deployment.run('queue', 'show', id)}`;
    expect(shown).toContain('x@outside.test');
    expect(shown).not.toContain('secret');
  });

  it('retries', async () => {
    await deployment.run('queue', 'retry', '--all');
    await expect
      .poll(() => references('--destination', 'elsewhere:other.test'), { timeout: 15_000 })
      .toEqual(['three']);
  });

  it('holds, releases and drops', async () => {
    expect(await deployment.run('queue', 'hold', '--sender', 'anna@example.org')).toBe(
      '2 message(s) held.\n',
    );
    const { messages } = await deployment.json<Listed>('queue', 'list', '--state', 'held');
    expect(messages.map(({ reference }) => reference)).toEqual(['one', 'three']);
    const ids = messages.map(({ id }) => id);
    await deployment.run('queue', 'release', ids[0] ?? '');
    expect(await references('--state', 'held')).toEqual(['three']);
    expect(await deployment.json('queue', 'drop', ...ids, '--yes')).toMatchObject({ count: 2 });
    expect(await references()).toEqual(['two']);
    const again = await deployment.homeward(['queue', 'show', ids[0] ?? '']);
    expect(again).toMatchObject({ code: EXIT_CODES.refused, stdout: '' });
    expect(again.stderr).toMatch(/is in no queue/);
  });

  it.each<[args: readonly string[], code: number, message: RegExp]>([
    [['drop', '--all'], EXIT_CODES.usage, /give --yes/],
    [['hold'], EXIT_CODES.usage, /say which messages/],
    [['hold', 'dublin/0-1', '--sender', 'a@b'], EXIT_CODES.usage, /not both/],
    [['show', 'what'], EXIT_CODES.usage, /is no message of a queue/],
    [['show', 'dublin/0-1'], EXIT_CODES.refused, /is in no queue/],
    [['show', 'nowhere/0-1'], EXIT_CODES.refused, /no site nowhere/],
    [['list', '--site', 'nowhere'], EXIT_CODES.refused, /no site nowhere/],
    [['list', '--limit', '0'], EXIT_CODES.usage, /from 1 to 1000/],
  ])('says what is wrong with %j', async (args, code, message) => {
    const result = await deployment.homeward(['queue', ...args]);
    expect(result.code).toBe(code);
    expect(result.stderr).toMatch(message);
  });

  it('says that a site is away', async () => {
    await deployment.stopSite();
    const result = await deployment.homeward(['queue', 'list']);
    expect(result.code).toBe(EXIT_CODES.unavailable);
    expect(result.stderr).toMatch(/dublin cannot be reached at its control port/);
  });

  it('lists why a message cannot be read, and holds it', async () => {
    await deployment.stopSite();
    await fillQueue([['damaged', 'cleo@example.org', 'damaged.test']], TEXT + 'z'.repeat(200_000));
    const folder = deployment.temp.join('mail/dublin/queue/worker-0/messages');
    for (const name of await readdir(folder)) await rm(join(folder, name));
    await deployment.startSite();
    await expect
      .poll(() => references('--state', 'held'), { timeout: 15_000 })
      .toEqual(['damaged']);
    const listed = await deployment.run('queue', 'list', '--state', 'held');
    expect(listed).toMatch(
      /held [^]*\n  451 4\.3\.0 The message cannot be read: the file of the message is gone/,
    );
  });
});
