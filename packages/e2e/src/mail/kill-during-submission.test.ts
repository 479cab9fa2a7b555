/**
 * kill -9 of back ends in a stream of submissions: every message that was taken is in the end in
 * the mailbox here, in the one at the other site, and outside. More than once is allowed where
 * SMTP cannot avoid it; never is none.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Demo, SITES, startDemo } from '../demo/demo.ts';
import type { DemoUser } from '../demo/env-file.ts';
import { waitUntil } from '../poll.ts';
import { readInbox } from './read-inbox.ts';
import { readOutside } from './read-sink.ts';
import { awaitTaken, SubmitStream } from './submit-stream.ts';

const ROUNDS = 6;
/** Messages that are to be taken between two kills. */
const STRIDE = 4;

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ accountCount: 6 });
  // The limits of one person; here he is in a hurry.
  await demo.expectCommand(['settings', 'set', 'submission.messagesPerMinute', '0']);
  await demo.expectCommand(['settings', 'set', 'queue.retryMaxMinutes', '0.03']);
});
afterAll(() => demo?.stop());

it('a back end that is killed loses no message that it took', { timeout: 180_000 }, async () => {
  const author = demo.takeUser('dublin');
  const readers = [demo.takeUser('dublin'), demo.takeUser('oslo')];
  const to = [...readers.map(({ name }) => name), 'friend@far.example'];
  const stream = new SubmitStream(demo, author, to);
  const running = stream.run();
  for (let round = 0; round < ROUNDS; round += 1) {
    await awaitTaken(stream, stream.taken.length + STRIDE);
    // The author's own most of all: what it took, only it has.
    expect(demo.killSite(SITES[round % 3 === 2 ? 1 : 0]).length).toBeGreaterThan(0);
  }
  await awaitTaken(stream, stream.taken.length + STRIDE);
  stream.stop();
  await running;
  for (const reader of readers) await expectAll(stream, () => readMarks(reader));
  await expectAll(stream, async () => marksIn(await readOutside(demo)));
});

async function readMarks(reader: DemoUser): Promise<readonly string[]> {
  return marksIn(await readInbox(demo, reader));
}

function marksIn(messages: readonly string[]): readonly string[] {
  return messages.map((message) => /^Subject: (mark-\S+)/mu.exec(message)?.[1] ?? 'no mark');
}

/** @param read Marks of what is there, as often as it is there. */
async function expectAll(
  { taken, begun }: SubmitStream,
  read: () => Promise<readonly string[]>,
): Promise<void> {
  const look = async (): Promise<readonly string[] | undefined> => {
    const found = await read();
    return taken.every((mark) => found.includes(mark)) ? found : undefined;
  };
  const found = await waitUntil(`${taken.length} messages`, look, 60_000);
  expect(found.filter((mark) => !begun.has(mark))).toEqual([]);
}
