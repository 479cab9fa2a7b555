import type { SiteName } from '@homeward/directory';
import { FakeClock } from '@homeward/testkit';
import { expect, it } from 'vitest';
import { ScriptedHome, settle } from '../testing/scripted-ports.ts';
import type { ForeignTarget } from './foreign-ports.ts';
import { greetForeignHome, type GreetParts } from './greet-foreign-home.ts';

const TARGET: ForeignTarget = {
  protocol: 'imap',
  site: 'old' as SiteName,
  serverName: 'old.test',
  host: '192.0.2.9',
  port: 143,
  tls: 'none',
  trust: {},
};

it('greetForeignHome() says how long it waited in whole milliseconds', async () => {
  const clock = new FakeClock();
  const connection = Object.assign(new ScriptedHome(), {
    startTls: async () => ({ ok: true }) as const,
  });
  const parts: GreetParts = {
    clock,
    dialler: { dial: async () => ({ ok: true, connection }) },
    createDialogue: () => ({
      receive: () => [],
      tlsStarted: () => [],
      login: () => [],
      end: () => undefined,
    }),
  };
  const greeting = greetForeignHome(
    parts,
    TARGET,
    undefined,
    1234.56,
    new AbortController().signal,
  );
  await settle();
  clock.advance(1235);
  expect(await greeting).toEqual({
    ok: false,
    reason: 'broke-off',
    detail: 'nothing within 1235 ms',
  });
});
