/**
 * What somebody hears who may not come in: the same words, whatever was wrong, under every form of
 * the name. Guest, anonymous and administrator have the right password here. That each costs the
 * same is judged by the hashes that are computed, not by a clock: `frontend/src/faults.test.ts`.
 */
import type { RawClient } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from './demo/demo.ts';
import type { DemoLogin } from './demo/env-file.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ accountCount: 4 });
});
afterAll(() => demo?.stop());

const KINDS = ['wrong password', 'unknown user', 'guest', 'anonymous', 'administrator'] as const;
type Kind = (typeof KINDS)[number];

const NAME_FORMS: readonly (readonly [string, (address: string) => string])[] = [
  ['address', (address) => address],
  ['ADDRESS', (address) => address.toUpperCase()],
  ['alias', (address) => localPart(address)],
  ['DOMAIN\\user', (address) => `HOMEWARD\\${localPart(address)}`],
];

/** One attempt on a connection; answers as the client sees them. */
type Attempt = (client: RawClient, login: DemoLogin) => Promise<string>;

/** By what all of a door's refusals are known. */
const REFUSALS = {
  imaps: /^NO \[AUTHENTICATIONFAILED\] /,
  pop3s: /-ERR \[AUTH\] .*$/,
  submissions: /^535 5\.7\.8 /,
};

const WAYS: readonly (readonly [string, keyof typeof REFUSALS, Attempt])[] = [
  [
    'IMAP LOGIN',
    'imaps',
    async (client, { name, password }) =>
      (await client.command(`LOGIN "${name.replaceAll('\\', '\\\\')}" "${password}"`)).text,
  ],
  [
    'IMAP AUTHENTICATE PLAIN',
    'imaps',
    async (client, login) => (await client.command(`AUTHENTICATE PLAIN ${plain(login)}`)).text,
  ],
  [
    'POP3 USER and PASS',
    'pop3s',
    async (client, { name, password }) => {
      await client.sendLine(`USER ${name}`);
      // The name alone tells nothing either.
      const named = await client.readLine();
      await client.sendLine(`PASS ${password}`);
      return `${named} ${await client.readLine()}`;
    },
  ],
  [
    'POP3 AUTH PLAIN',
    'pop3s',
    async (client, login) => {
      await client.sendLine(`AUTH PLAIN ${plain(login)}`);
      return client.readLine();
    },
  ],
  [
    'submission AUTH PLAIN',
    'submissions',
    async (client, login) => {
      await client.sendLine('EHLO client.test');
      while (!(await client.readLine()).startsWith('250 '));
      await client.sendLine(`AUTH PLAIN ${plain(login)}`);
      return client.readLine();
    },
  ],
];

describe('a refused login', () => {
  it.each(WAYS)('by %s has one answer for all, under every form of the name', async (...way) => {
    const [, door, attempt] = way;
    const answers = new Map<string, string[]>();
    for (const [form, format] of NAME_FORMS) {
      for (const kind of KINDS) {
        const { name, password } = loginOf(kind);
        await using client = await demo.connect(door);
        const answer = await attempt(client, { name: format(name), password });
        const words = answer.replace(/\(ref [0-9A-Z]+\)/, '(ref)');
        answers.set(words, [...(answers.get(words) ?? []), `${kind} as ${form}`]);
      }
    }
    expect([...answers.keys()]).toEqual([expect.stringMatching(REFUSALS[door])]);
  });

  it.each(NAME_FORMS)(
    'is not due to the form of the name: a user gets in by %s',
    async (...row) => {
      const { name, password } = demo.facts.users[1]!;
      await using client = await demo.connect('imaps');
      expect(await WAYS[0]![2](client, { name: row[1](name), password })).toMatch(/^OK/);
    },
  );

  it.each(KINDS.slice(2))('is not to be had by a delegate form for %s', async (kind) => {
    const user = demo.facts.users[1]!;
    const { name, password } = loginOf(kind);
    const forms = [
      `${name}\0${user.name}\0${user.password}`,
      `${user.name}\0${name}\0${password}`,
      `${name}\0${name}\0${password}`,
    ];
    for (const form of forms) {
      await using client = await demo.connect('imaps');
      const response = Buffer.from(form).toString('base64');
      const { text } = await client.command(`AUTHENTICATE PLAIN ${response}`);
      expect(text).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
    }
  });
});

function loginOf(kind: Kind): DemoLogin {
  const { users, guest, anonymous, administrator } = demo.facts;
  const { name, password } = users[0]!;
  switch (kind) {
    case 'wrong password':
      return { name, password: `${password}x` };
    case 'unknown user':
      return { name: `nobody-${name}`, password };
    case 'guest':
      return guest;
    case 'anonymous':
      return anonymous;
    case 'administrator':
      return administrator;
  }
}

function localPart(address: string): string {
  return address.slice(0, address.indexOf('@'));
}

function plain({ name, password }: DemoLogin): string {
  return Buffer.from(`\0${name}\0${password}`).toString('base64');
}
