/** Every capability that is advertised is there, before login or behind it, shown by what it adds. */
import { NO_SURROUNDINGS } from '@homeward/sasl/testing';
import { createMemoryStreamPair } from '@homeward/testkit';
import { describe, expect, test } from 'vitest';
import { listCapabilities } from './grammar/capabilities.ts';
import { createPop3LoginDialogue } from './preauth/pop3-login-dialogue.ts';
import { MemoryMaildrop } from './session/memory-maildrop.ts';
import { createPop3Session } from './session/pop3-session.ts';

const policy = { loginDelaySeconds: 60, expireDays: 0 } as const;
const advertised = listCapabilities(
  { stls: true, user: true, xclient: true, mechanisms: ['PLAIN'] },
  policy,
);

type Proof = readonly [where: 'before' | 'behind', say: string, hear: RegExp];

/** What is said, and what the answer must hold; a login is refused as throttled. */
const proofs: Readonly<Record<string, Proof>> = {
  TOP: ['behind', 'TOP 1 0\r\n', /^\+OK [^\r]+\r\nSubject: x\r\n\r\n\.\r\n$/],
  UIDL: ['behind', 'UIDL 1\r\n', /^\+OK 1 uid-1\r\n$/],
  USER: ['before', 'USER anna\r\n', /^\+OK /],
  SASL: ['before', 'AUTH PLAIN\r\n', /^\+ \r\n$/],
  STLS: ['before', 'STLS\r\n', /^\+OK /],
  'RESP-CODES': ['before', 'USER a\r\nPASS b\r\n', /-ERR \[LOGIN-DELAY\] /],
  'AUTH-RESP-CODE': ['before', 'USER a\r\nPASS \xff\r\n', /-ERR \[AUTH\] /],
  PIPELINING: ['behind', 'NOOP\r\nSTAT\r\n', /^\+OK [^\r]+\r\n\+OK 1 14\r\n$/],
  EXPIRE: ['behind', 'RETR 1\r\nQUIT\r\n', /\+OK Goodbye, 1 messages deleted\r\n$/],
  'LOGIN-DELAY': ['before', 'USER a\r\nPASS b\r\n', /-ERR \[LOGIN-DELAY\] /],
  IMPLEMENTATION: ['before', 'CAPA\r\n', /\r\nIMPLEMENTATION Homeward\r\n/],
  XCLIENT: ['before', 'XCLIENT TTL=3\r\n', /^\+OK Updated\r\n$/],
  UTF8: ['before', 'UTF8\r\n', /^\+OK /],
  LANG: ['behind', 'LANG de\r\n', /^\+OK de /],
};

function sayBefore(text: string): string {
  const dialogue = createPop3LoginDialogue({
    banner: 'x',
    loginType: 'PlainTextLogin',
    mechanisms: ['PLAIN'],
    surroundings: NO_SURROUNDINGS,
    offersUser: true,
    offersStls: true,
    isEncrypted: false,
    preferredLanguage: 'en',
    policy,
    commandBytes: 512,
    badCommandLimit: 10,
    earlyBytes: 1024,
    countsHops: true,
  });
  const steps = [...dialogue.receive(Buffer.from(text, 'latin1'))];
  if (steps.at(-1)?.kind === 'authenticate') {
    steps.push(...dialogue.loginRefused('throttled', undefined, undefined));
  }
  return steps.map((step) => (step.kind === 'send' ? step.octets : '')).join('');
}

async function sayBehind(text: string): Promise<string> {
  const { client, server } = createMemoryStreamPair();
  const octets = Buffer.from('Subject: x\r\n\r\n');
  const session = createPop3Session({
    stream: server,
    maildrop: new MemoryMaildrop([{ uidl: 'uid-1', octets }]),
    early: Buffer.from(text),
    options: {
      commandBytes: 512,
      maxBadCommands: 10,
      retrievalOrder: 'ascending',
      language: undefined,
      isUtf8: false,
      preferredLanguage: 'en',
      policy,
      login: { user: true, mechanisms: ['PLAIN'] },
      breathe: () => Promise.resolve(),
      elapsedMs: () => 0,
      observe: () => undefined,
    },
  });
  client.end();
  await session.run();
  server.end();
  let answer = '';
  for (;;) {
    const got = await client.read();
    if (typeof got === 'string') return answer;
    answer += Buffer.from(got).toString('latin1');
  }
}

describe('every advertised capability (RFC 2449 §5)', () => {
  test('has a proof here, and nothing else has', () => {
    const compare = (a: string, b: string): number => (a < b ? -1 : 1);
    const names = advertised.map((line) => line.split(' ')[0] ?? '');
    expect(Object.keys(proofs).toSorted(compare)).toEqual(names.toSorted(compare));
  });

  test.each(Object.entries(proofs))('%s works', async (_, [where, say, hear]) => {
    expect(where === 'before' ? sayBefore(say) : await sayBehind(say)).toMatch(hear);
  });
});
