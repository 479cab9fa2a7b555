import { createForeignImap } from '@homeward/imap/upstream';
import { createForeignPop3 } from '@homeward/pop3/upstream';
import type { ForeignDialogue } from '@homeward/sasl';
import { expect, it } from 'vitest';
import { ScriptedHome } from '../testing/scripted-ports.ts';
import { loginAtForeignHome } from './login-at-foreign-home.ts';

const BREAKING: ForeignDialogue = {
  receive: () => [{ kind: 'broken', text: 'no' }],
  tlsStarted: () => [],
  login: () => [{ kind: 'send', octets: 'LOGIN\r\n' }],
  end: () => undefined,
};

/** @returns What the log is told of a home that says `greeting`, and then echoes each line. */
async function refusedBy(
  dialogue: ForeignDialogue,
  greeting: readonly string[],
  echo: (line: string) => string | undefined,
  password: string,
): Promise<string | undefined> {
  for (const line of greeting) dialogue.receive(Buffer.from(line));
  const connection = Object.assign(new ScriptedHome(), {
    startTls: async () => ({ ok: true }) as const,
  });
  let said = '';
  connection.onWrite = (text) => {
    said += text;
    if (!said.endsWith('\r\n')) return;
    const answer = echo(said.trimEnd());
    said = '';
    if (answer !== undefined) connection.feed(answer);
  };
  const secret = {
    kind: 'password',
    authzid: undefined,
    loginName: 'bob',
    password: Buffer.from(password),
  } as const;
  const outcome = await loginAtForeignHome(
    { connection, dialogue },
    { secret, client: undefined },
    { judgesClient: true, onShown: () => undefined, leavable: undefined },
    new AbortController().signal,
  );
  return outcome.ok ? 'in' : outcome.logDetail;
}

const LEFT_OUT = 'words that repeat the secret';
const POP3 = ['+OK hi\r\n', '-ERR no CAPA\r\n'];
const echoPop3 = (line: string): string =>
  line.startsWith('USER') ? '+OK\r\n' : `-ERR unknown command "${line}"\r\n`;

it.each([
  ['in one word', 'correct-horse'],
  ['in several', 'correct horse battery'],
  ['beyond ASCII', 'pässwörd'],
])('the words of a home that repeat a password %s are not logged', async (_how, password) => {
  const dialogue = createForeignPop3({ startsTls: false });
  expect(await refusedBy(dialogue, POP3, echoPop3, password)).toBe(LEFT_OUT);
});

it('nor are those that repeat a response of SASL', async () => {
  const dialogue = createForeignImap({ startsTls: false });
  const greeting = ['* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hi\r\n'];
  const echo = (line: string): string => `H4 BAD what is ${line}?\r\n`;
  const text = await refusedBy(dialogue, greeting, echo, 'correct-horse');
  expect(text).toBe(LEFT_OUT);
});

it('other words are logged as they are', async () => {
  const dialogue = createForeignPop3({ startsTls: false });
  const echo = (line: string): string =>
    line.startsWith('USER') ? '+OK\r\n' : '-ERR [AUTH] no such password\r\n';
  expect(await refusedBy(dialogue, POP3, echo, 'no')).toBe('[AUTH] no such password');
});

it('a dialogue whose home breaks off before it was shown the secret forgets that', async () => {
  let endCount = 0;
  const counted = { ...BREAKING, end: () => void (endCount += 1) };
  await refusedBy(counted, [], () => 'x\r\n', 'correct-horse');
  expect(endCount).toBe(1);
});
