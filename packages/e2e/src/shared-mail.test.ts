/**
 * Delegates and folders that are shared, through everything: commands, front end, and the two
 * worker processes of a site.
 */
import type { RawClient } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from './demo/demo.ts';
import type { DemoUser } from './demo/env-file.ts';
import { waitForLog } from './demo/log-lines.ts';

const MESSAGE = 'Subject: Shared\r\n\r\nFor both of us.\r\n';
const APPEND = `{${MESSAGE.length}+}\r\n${MESSAGE}`;

let demo: Demo;
/** Of one site, each at a worker of its own, and one of the other site. */
let anna: DemoUser;
let berta: DemoUser;
let stranger: DemoUser;
beforeAll(async () => {
  demo = await startDemo({ accountCount: 8, workerCount: 2, directLogin: true });
  const { users } = demo.facts;
  const atDublin = users.filter(({ site }) => site === 'dublin');
  anna = atDublin[0]!;
  berta = atDublin.find(({ backEnd }) => backEnd.imaps !== anna.backEnd.imaps)!;
  stranger = users.find(({ site }) => site === 'oslo')!;
});
afterAll(() => demo?.stop());

/** As `delegate`, with his password, into the mailbox of `mailbox`. */
async function logInFor(mailbox: DemoUser, delegate: DemoUser): Promise<RawClient> {
  const client = await demo.connect('imaps');
  await client.expectOk(`LOGIN ${delegate.name}/${mailbox.name} "${delegate.password}"`);
  return client;
}

describe('a delegate', () => {
  it('opens a mailbox at another site, until the right ends', async () => {
    await using owner = await demo.openImap(anna);
    await owner.expectOk(`APPEND INBOX ${APPEND}`);
    await demo.expectCommand(['account', 'delegate', anna.name, stranger.name, '--rights', 'full']);
    await expect
      .poll(async () => {
        await using client = await demo.connect('imaps');
        const command = `LOGIN ${stranger.name}/${anna.name} "${stranger.password}"`;
        return (await client.command(command)).status;
      })
      .toBe('OK');
    await using delegate = await logInFor(anna, stranger);
    const { untagged } = await delegate.expectOk('STATUS INBOX (MESSAGES)');
    expect(untagged.join()).toContain('(MESSAGES 1)');
    const opened = { service: 'backend dublin', event: 'session.started', protocol: 'imap' };
    const line = await waitForLog(demo, {
      ...opened,
      loginName: `${stranger.name}/${anna.name}`,
    });
    expect(line['delegateId']).not.toBe(line['accountId']);
    await demo.expectCommand(['account', 'delegate', anna.name, stranger.name, '--remove']);
    expect(await delegate.readLine()).toMatch(/^\* BYE /);
    await owner.expectOk('NOOP');
  });

  it('without a right hears what a wrong password hears', async () => {
    const answers = new Set<string>();
    for (const [name, password] of [
      [berta.name, 'wrong'],
      [`${berta.name}/${stranger.name}`, berta.password],
      [`${berta.name}/${demo.facts.administrator.name}`, berta.password],
      [`${berta.name}/nobody`, berta.password],
    ]) {
      await using client = await demo.connect('imaps');
      const { text } = await client.command(`LOGIN ${name} "${password}"`);
      answers.add(text.replace(/\(ref [0-9A-Z]+\)/, ''));
    }
    expect([...answers]).toEqual([expect.stringMatching(/^NO \[AUTHENTICATIONFAILED\] /)]);
  });
});

describe('a folder that is shared', () => {
  it('is used by somebody whose mailbox another worker has', async () => {
    await using owner = await demo.openImap(anna);
    await using guest = await demo.openImap(berta);
    await owner.expectOk('CREATE Plans');
    await owner.expectOk(`SETACL Plans ${berta.name} lrswite`);
    const theirs = `"Other Users/${anna.name}/Plans"`;
    const { untagged } = await guest.expectOk('LIST "" "Other Users/*"');
    expect(untagged.join('\n')).toContain(theirs);
    await guest.expectOk(`SELECT ${theirs}`);
    await guest.sendLine('i IDLE');
    expect(await guest.readLine()).toMatch(/^\+/);
    await owner.expectOk(`APPEND Plans ${APPEND}`);
    expect(await guest.readLine()).toBe('* 1 EXISTS');
    await guest.sendLine('DONE');
    await guest.expectOk('MOVE 1 INBOX');
    const status = await owner.expectOk('STATUS Plans (MESSAGES)');
    expect(status.untagged.join()).toContain('(MESSAGES 0)');
    await guest.expectOk('SELECT INBOX');
    const fetched = (await guest.expectOk('FETCH * BODY[]')).untagged.join('\r\n');
    expect(fetched).toContain('For both of us.');
  });

  it('is not to be seen at another site', async () => {
    await using owner = await demo.openImap(anna);
    await owner.expectOk('SETACL Drafts anyone lr');
    expect((await owner.command(`SETACL Drafts ${stranger.name} lr`)).status).toBe('NO');
    await using other = await demo.openImap(stranger);
    expect((await other.expectOk('LIST "" "Other Users/*"')).untagged).toEqual([]);
  });
});
