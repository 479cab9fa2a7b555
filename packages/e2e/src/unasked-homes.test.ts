/** How sessions end at a real back end whose control port nobody knows: by what passes by. */
import type { RawClient } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from './demo/demo.ts';

const BYE = /^\* BYE An administrator has ended this session/;
/** More than all the buffers between a client and its home. */
const LINES = `* BYE is a line of it\r\n+OK so is this\r\n${'x'.repeat(900)}\r\n`;
const LARGE = `Subject: large\r\n\r\n${LINES.repeat(20_000)}`;

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ accountCount: 3, sites: ['dublin'] });
  const { output } = await demo.expectCommand(['site', 'show', 'dublin', '--json']);
  const { workers } = JSON.parse(output) as {
    workers: readonly { host: string; imapsPort: number; pop3sPort: number }[];
  };
  await demo.expectCommand([
    ...['site', 'set', 'dublin'],
    ...workers.flatMap((one) => ['--worker', `${one.host}:${one.imapsPort}:${one.pop3sPort}`]),
  ]);
});
afterAll(() => demo?.stop());

/** Ends all sessions; one that has nothing under way and was silent last goes first. */
async function endAll(witness: RawClient): Promise<void> {
  await witness.expectOk('NOOP');
  await demo.expectCommand(['session', 'kick', '--all', '--yes']);
  await witness.expectLine(BYE);
  await witness.expectEnd();
}

describe('a session that is ended', { timeout: 60_000 }, () => {
  it('gives a client that is slow the whole of a large message first', async () => {
    const user = demo.takeUser();
    await using client = await demo.openImap(user);
    await client.expectOk(`APPEND INBOX {${LARGE.length}+}\r\n${LARGE}`);
    await client.expectOk('SELECT INBOX');
    await client.sendLine('f FETCH 1 BODY.PEEK[]');
    await client.expectLine(`* 1 FETCH (BODY[] {${LARGE.length}}`);
    await using pop3 = await demo.openPop3(user);
    await pop3.sendLine('RETR 1');
    await pop3.expectLine(/^\+OK/);
    await endAll(await demo.openImap(demo.takeUser()));
    expect((await client.readOctets(LARGE.length)).toString() === LARGE).toBe(true);
    await client.expectLine(')');
    await client.expectLine(/^f OK/);
    await client.expectLine(BYE);
    expect(`${(await pop3.readDotLines()).join('\r\n')}\r\n` === LARGE).toBe(true);
    await pop3.expectLine(/^-ERR \[SYS\/TEMP\] An administrator has ended this session/);
  });

  it('takes all of a message from a client that is slow', async () => {
    const user = demo.facts.users[2]!;
    await using client = await demo.openImap(user);
    await client.sendLine('p APPEND INBOX {20}');
    await client.expectLine(/^\+/);
    await using half = await demo.openImap(user);
    await half.sendLine('p APPEND INBOX {20}');
    await half.expectLine(/^\+/);
    await half.send('Subject: half\r\n');
    await endAll(await demo.openImap(user));
    await client.send('Subject: all\r\n\r\nabcd\r\n');
    await half.send('\r\nabc\r\n');
    for (const one of [client, half]) {
      await one.expectLine(/^p OK \[APPENDUID /);
      await one.expectLine(BYE);
    }
  });
});
