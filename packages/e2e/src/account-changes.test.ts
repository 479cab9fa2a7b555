/** `homeward account`: what it changes holds at a running front end within a second. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LoginAnswer, tryImap, tryPop3 } from './attempts.ts';
import { type Demo, startDemo } from './demo/demo.ts';
import type { DemoLogin } from './demo/env-file.ts';
import { waitUntil } from './poll.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ accountCount: 12 });
});
afterAll(() => demo?.stop());

const LIMIT_MS = 1_000;
const REFUSED = /^(NO \[AUTHENTICATIONFAILED\]|-ERR \[AUTH\]) /;
const ACCEPTED = /^(OK|\+OK) /;

describe('homeward account', () => {
  it('set --password-stdin: the old one is refused, the new one gets in', async () => {
    const user = await takeKnownUser();
    const changed = { ...user, password: 'a new one, with spaces' };
    await demo.expectCommand(['account', 'set', user.name, '--password-stdin'], changed.password);
    await expectSoon(() => tryImap(demo, user), REFUSED);
    expect((await tryImap(demo, changed)).text).toMatch(ACCEPTED);
    expect((await tryPop3(demo, user)).text).toMatch(REFUSED);
    expect((await tryPop3(demo, changed)).text).toMatch(ACCEPTED);
  });

  it('set --disable keeps out, --enable lets in again', async () => {
    const user = await takeKnownUser();
    await demo.expectCommand(['account', 'set', user.name, '--disable']);
    await expectSoon(() => tryImap(demo, user), /^NO /);
    expect((await tryPop3(demo, user)).text).toMatch(/^-ERR /);
    await demo.expectCommand(['account', 'set', user.name, '--enable']);
    await expectSoon(() => tryImap(demo, user), ACCEPTED);
    expect((await tryPop3(demo, user)).text).toMatch(ACCEPTED);
  });

  it('set --protocols leaves only those', async () => {
    const user = await takeKnownUser();
    await demo.expectCommand(['account', 'set', user.name, '--protocols', 'pop3']);
    await expectSoon(() => tryImap(demo, user), /^NO /);
    expect((await tryPop3(demo, user)).text).toMatch(ACCEPTED);
    await demo.expectCommand(['account', 'set', user.name, '--protocols', 'imap']);
    await expectSoon(() => tryPop3(demo, user), /^-ERR /);
    expect((await tryImap(demo, user)).text).toMatch(ACCEPTED);
  });

  it('set --name takes a login name away and gives another', async () => {
    const user = await takeKnownUser();
    await demo.expectCommand(['account', 'set', user.name, '--name', 'other-name']);
    await expectSoon(() => tryImap(demo, { ...user, name: 'other-name' }), ACCEPTED);
    const alias = user.name.slice(0, user.name.indexOf('@'));
    await expectSoon(() => tryImap(demo, { ...user, name: alias }), REFUSED);
  });

  it('set --kind guest keeps out', async () => {
    const user = await takeKnownUser();
    await demo.expectCommand(['account', 'set', user.name, '--kind', 'guest']);
    await expectSoon(() => tryImap(demo, user), REFUSED);
  });

  it('add, show, list and delete: somebody new comes and goes', async () => {
    const login = { name: 'newcomer@homeward.test', password: 'Grüße aus Zürich' };
    // The front end remembers for a while that there is nobody of this name.
    expect((await tryImap(demo, login)).text).toMatch(REFUSED);
    const add = ['account', 'add', login.name, '--site', 'oslo', '--password-stdin'];
    await demo.expectCommand(add, `${login.password}\n`);
    const plain = { name: login.name, password: login.password };
    await expectSoon(() => tryPlain(plain), ACCEPTED);
    const shown = await demo.expectCommand(['account', 'show', login.name, '--json']);
    expect(JSON.parse(shown.output)).toMatchObject({ address: login.name });
    expect(shown.output).not.toContain('argon2');
    const listed = await demo.expectCommand(['account', 'list', '--site', 'oslo', '--json']);
    expect(listed.output).toContain(login.name);
    await demo.expectCommand(['account', 'delete', login.name, '--yes']);
    await expectSoon(() => tryPlain(plain), REFUSED);
  });

  it('takes no password from its arguments, and none from a terminal that is none', async () => {
    const { name } = demo.facts.users[0]!;
    const asArgument = await demo.runCommand(['account', 'set', name, '--password', 'secret']);
    expect(asArgument.exitCode).not.toBe(0);
    const withoutTerminal = await demo.runCommand(['account', 'set', name, '--password']);
    expect(withoutTerminal.exitCode).not.toBe(0);
    expect(withoutTerminal.output).toContain('--password-stdin');
  });
});

/** An account that the front end has in its cache, with a secret that it has verified. */
async function takeKnownUser(): Promise<DemoLogin> {
  const user = demo.takeUser();
  expect((await tryImap(demo, user)).text).toMatch(ACCEPTED);
  return user;
}

/** Tries until the answer is of the wanted kind, which it must be in a second. */
async function expectSoon(attempt: () => Promise<LoginAnswer>, wanted: RegExp): Promise<void> {
  const startedMs = performance.now();
  await waitUntil(`an answer like ${String(wanted)}`, async () =>
    wanted.test((await attempt()).text) ? true : undefined,
  );
  expect(performance.now() - startedMs).toBeLessThan(LIMIT_MS);
}

/** By SASL PLAIN, which is in UTF-8 (RFC 4616 §2). */
async function tryPlain({ name, password }: DemoLogin): Promise<LoginAnswer> {
  await using client = await demo.connect('imaps');
  const startedMs = performance.now();
  const response = Buffer.from(`\0${name}\0${password}`).toString('base64');
  const { text } = await client.command(`AUTHENTICATE PLAIN ${response}`);
  return { text, tookMs: performance.now() - startedMs };
}
