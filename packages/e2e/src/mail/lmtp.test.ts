/** An MTA hands mail to the front end by LMTP, for people at two sites. */
import { connectRaw, type RawClient } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from '../demo/demo.ts';
import { readResidentBytes } from '../demo/process-tree.ts';
import { awaitMessage, readInbox } from './read-inbox.ts';
import { awaitOutside } from './read-sink.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ accountCount: 12, workerCount: 2 });
});
afterAll(() => demo?.stop());

async function readReply(mta: RawClient): Promise<string> {
  for (;;) {
    const line = await mta.readLine();
    if (line[3] !== '-') return line;
  }
}

async function ask(mta: RawClient, line: string): Promise<string> {
  await mta.sendLine(line);
  return readReply(mta);
}

async function openMta(): Promise<RawClient> {
  const mta = await connectRaw({ port: demo.facts.lmtpPort });
  await mta.expectLine(/^220 /);
  expect(await ask(mta, 'LHLO mta.test')).toMatch(/^250 /);
  return mta;
}

async function offer(mta: RawClient, recipients: readonly string[]): Promise<string[]> {
  await ask(mta, 'MAIL FROM:<writer@far.example>');
  const answers: string[] = [];
  for (const one of recipients) answers.push(await ask(mta, `RCPT TO:<${one}>`));
  return answers;
}

describe('mail from an MTA', () => {
  it('reaches people of both sites, and each has an answer of his own', async () => {
    const users = ['dublin', 'oslo', 'dublin', 'oslo'].map((site) => demo.takeUser(site).name);
    const domain = users[0]?.split('@')[1] ?? '';
    await using mta = await openMta();
    // Several messages, so that connections to the sites are used again.
    for (const round of [1, 2, 3]) {
      const answers = await offer(mta, [...users, `nobody@${domain}`, 'friend@far.example']);
      expect(answers.map((answer) => answer.slice(0, 9))).toEqual([
        ...users.map(() => '250 2.1.5'),
        '550 5.1.1',
        '550 5.7.1',
      ]);
      expect(await ask(mta, 'DATA')).toMatch(/^354 /);
      await mta.send(`Subject: Round ${round}\r\n\r\n..\r\n.\r\n`);
      for (const _ of users) expect(await readReply(mta)).toMatch(/^250 2\.0\.0 /);
    }
    for (const name of users) {
      const user = demo.facts.users.find((one) => one.name === name);
      if (user === undefined) throw new Error(name);
      const message = await awaitMessage(demo, user, 'Round 3');
      expect(message).toContain('Return-Path: <writer@far.example>');
      expect(message).toMatch(
        /Received: from mta\.test \(\[127\.0\.0\.1\]\)\r\n\tby \S+ with LMTP id /,
      );
      expect(await readInbox(demo, user)).toHaveLength(3);
    }
  });

  it('comes on many connections at once', async () => {
    const reader = demo.takeUser('oslo');
    const send = async (number: number): Promise<void> => {
      await using mta = await openMta();
      await offer(mta, [reader.name]);
      await ask(mta, 'DATA');
      await mta.send(`Subject: At once ${number}\r\n\r\n.\r\n`);
      expect(await readReply(mta)).toMatch(/^250 2\.0\.0 /);
    };
    // More than the front end has connections to one worker.
    const count = 20;
    await Promise.all(Array.from({ length: count }, (_, number) => send(number)));
    const messages = await readInbox(demo, reader);
    const subjects = messages.map((message) => /At once \d+/.exec(message)?.[0]);
    expect(new Set(subjects).size).toBe(count);
    expect(messages).toHaveLength(count);
  });

  it('reaches the members of a group at both sites, and outside, with one answer', async () => {
    const members = [demo.takeUser('oslo'), demo.takeUser('dublin')];
    const names = members.map(({ name }) => name);
    const group = `choir@${names[0]?.split('@')[1]}`;
    const outside = 'tenor@far.example';
    await demo.expectCommand([
      ...['group', 'add', group, '--senders', 'anybody'],
      ...[...names, outside].flatMap((name) => ['--member', name]),
    ]);
    await using mta = await openMta();
    await expect.poll(() => offer(mta, [group])).toEqual(['250 2.1.5 Recipient OK']);
    await ask(mta, 'DATA');
    await mta.send('Subject: Rehearsal\r\n\r\n.\r\n');
    expect(await readReply(mta)).toMatch(/^250 2\.0\.0 /);
    for (const member of members) await awaitMessage(demo, member, 'Rehearsal');
    await awaitOutside(demo, 'Rehearsal');
  });

  it('costs the front end little memory, however large', { timeout: 120_000 }, async () => {
    const [dublin, oslo] = [demo.takeUser('dublin'), demo.takeUser('oslo')];
    await using mta = await openMta();
    expect(await ask(mta, 'MAIL FROM:<a@far.example> SIZE=1000000000')).toMatch(/^552 5\.3\.4 /);
    const piece = `${'x'.repeat(998)}\r\n`.repeat(64);
    const pids = demo.listFrontEndProcesses().map(({ pid }) => pid);
    const measure = (): number =>
      pids.reduce((bytes, pid) => bytes + readResidentBytes(pid), 0) / 1_048_576;
    const send = async (pieceCount: number): Promise<number> => {
      let most = 0;
      await offer(mta, [dublin.name, oslo.name]);
      await ask(mta, 'DATA');
      await mta.send('Subject: Large\r\n\r\n');
      for (let count = 0; count < pieceCount; count += 1) {
        await mta.send(piece);
        most = Math.max(most, measure());
      }
      await mta.send('.\r\n');
      expect(await readReply(mta)).toMatch(/^250 /);
      expect(await readReply(mta)).toMatch(/^250 /);
      return most;
    };
    // What V8 takes for work of this kind, and keeps.
    const peaks = [await send(100), await send(200), await send(500)];
    console.log(`the front end peaked at ${peaks.map((peak) => peak.toFixed(1)).join(', ')} MiB`);
    const [, before = 0, after = Infinity] = peaks;
    const grown = after - before;
    expect(grown).toBeLessThan(24);
  });
});
