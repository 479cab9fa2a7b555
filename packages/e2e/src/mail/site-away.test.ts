/** Mail waits in the queue while a site is down, and is there once when the site is back. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { submit } from '../clients/nodemailer-client.ts';
import { type Demo, startDemo } from '../demo/demo.ts';
import type { DemoUser } from '../demo/env-file.ts';
import { holdSiteDown } from '../demo/site-faults.ts';
import { waitUntil } from '../poll.ts';
import { awaitMessage, readInbox } from './read-inbox.ts';

const LIMIT_MS = 60_000;

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ accountCount: 4 });
});
afterAll(() => demo?.stop());

it('mail to a site that is down is taken, waits, and arrives', { timeout: 120_000 }, async () => {
  const anna = demo.takeUser('dublin');
  const here = demo.takeUser('dublin');
  const olav = demo.takeUser('oslo');
  {
    using _down = await holdSiteDown(demo, 'oslo');
    const sent = await submit(demo, anna, { to: [olav.name, here.name], subject: 'Wait for it' });
    expect(sent.rejected).toEqual([]);
    await awaitMessage(demo, here, 'Wait for it');
    await waitUntil('an attempt to fail', () => listWaiting(olav), LIMIT_MS);
  }
  await waitUntil('oslo to be back', () => readInbox(demo, olav), LIMIT_MS);
  await demo.expectCommand(['queue', 'retry', '--site', 'dublin', '--recipient', olav.name]);
  await awaitMessage(demo, olav, 'Wait for it', LIMIT_MS);
  expect(await readInbox(demo, olav)).toHaveLength(1);
  expect(await readInbox(demo, here)).toHaveLength(1);
});

/** What the operator sees of it at the site that has it. */
async function listWaiting({ name }: DemoUser): Promise<string | undefined> {
  const words = ['--site', 'dublin', '--recipient', name, '--state', 'waiting', '--json'];
  const { output } = await demo.expectCommand(['queue', 'list', ...words]);
  return output.includes('worker:oslo/') ? output : undefined;
}
