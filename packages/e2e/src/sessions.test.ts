/** Who is connected, and how an operator ends it: the command, the directory, both halves. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from './demo/demo.ts';
import { waitUntil } from './poll.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ accountCount: 8 });
});
afterAll(() => demo?.stop());

interface Listed {
  readonly sessions: readonly { readonly account: string; readonly conversation: string }[];
  readonly totalCount: number;
}

async function json<Value>(...args: readonly string[]): Promise<Value> {
  const { output } = await demo.expectCommand([...args, '--json']);
  return JSON.parse(output) as Value;
}

describe('homeward session', () => {
  it('lists, counts and ends sessions at a safe point', { timeout: 60_000 }, async () => {
    const [anna, bruno] = [demo.takeUser('dublin'), demo.takeUser('oslo')];
    const appending = await demo.openImap(anna);
    await appending.sendLine('a APPEND INBOX {20}');
    await appending.expectLine(/^\+/);
    await appending.send('Subject: half\r\n');
    const idling = await demo.openImap(anna);
    await idling.expectOk('SELECT INBOX');
    await idling.sendLine('i IDLE');
    await idling.expectLine(/^\+/);
    const pop3 = await demo.openPop3(bruno);
    await waitUntil('the list', async () => {
      const { totalCount } = await json<Listed>('session', 'list');
      return totalCount === 3 ? true : undefined;
    });
    const { sessions } = await json<Listed>('session', 'list', '--account', anna.name);
    expect(sessions.map(({ account }) => account)).toEqual([anna.name, anna.name]);
    expect(await json('session', 'count', '--protocol', 'pop3')).toEqual({ count: 1 });
    expect(await json('session', 'count', '--network', '127.0.0.0/8')).toEqual({ count: 3 });
    expect(await json('session', 'count')).toMatchObject({
      count: 3,
      frontEnds: [{ frontEnd: 'frontend', workerCount: 1, sessionCount: 3 }],
    });

    const startedMs = performance.now();
    expect(await json('session', 'kick', '--account', anna.name)).toEqual({
      count: 2,
      workers: 1,
      silent: [],
    });
    await idling.expectLine(/^\* BYE An administrator has ended this session/);
    console.log(
      `kicked within ${(performance.now() - startedMs).toFixed(0)} ms, the command's start included`,
    );
    await appending.send('\r\nabc\r\n');
    await appending.expectLine(/^a OK \[APPENDUID /);
    await appending.expectLine(/^\* BYE An administrator has ended this session/);
    await pop3.sendLine('NOOP');
    await pop3.expectLine(/^\+OK/);

    expect(await json('session', 'kick', '--all', '--yes')).toMatchObject({ count: 1 });
    await pop3.expectLine(/^-ERR \[SYS\/TEMP\] .*nothing was deleted/);
    for (const client of [appending, idling, pop3]) await client.close();
  });

  it('ends submission between two messages, never inside one', { timeout: 60_000 }, async () => {
    const user = demo.takeUser('dublin');
    const idling = await demo.openSubmission(user);
    const sending = await demo.openSubmission(user, 'submission');
    await sending.send(`MAIL FROM:<${user.name}>\r\nRCPT TO:<${user.name}>\r\nDATA\r\n`);
    await sending.expectLine(/^250 /);
    await sending.expectLine(/^250 /);
    await sending.expectLine(/^354 /);
    await sending.send(`From: <${user.name}>\r\nSubject: half\r\n`);
    const listed = await json<Listed>('session', 'list', '--protocol', 'submission');
    expect(listed.sessions.map(({ account }) => account)).toEqual([user.name, user.name]);
    const kicked = await json('session', 'kick', '--protocol', 'submission');
    expect(kicked).toMatchObject({ count: 2 });
    await idling.expectLine(/^421 4\.3\.2 An administrator has ended this session \(ref \w+\)\r?$/);
    await sending.send('\r\nthe other half\r\n.\r\n');
    await sending.expectLine(/^250 2\.0\.0 /);
    await sending.expectLine(
      /^421 4\.3\.2 An administrator has ended this session \(ref \w+\)\r?$/,
    );
    for (const client of [idling, sending]) await client.close();
    await using reader = await demo.openImap(user);
    expect((await reader.expectOk('SELECT INBOX')).untagged).toContain('* 1 EXISTS');
  });

  it('ends nobody unless it is said whom', async () => {
    const result = await demo.runCommand(['session', 'kick']);
    expect(result).toMatchObject({ exitCode: 64, output: expect.stringContaining('--account') });
  });

  it('ends nobody where all and some are meant at once', async () => {
    const both = ['--all', '--yes', '--protocol', 'imap'];
    const result = await demo.runCommand(['session', 'kick', ...both]);
    expect(result).toMatchObject({ exitCode: 64, output: expect.stringContaining('--all means') });
  });
});
