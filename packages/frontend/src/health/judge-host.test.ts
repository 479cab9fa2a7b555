import { expect, it } from 'vitest';
import type { HealthPort } from './health-ports.ts';
import { noteHostOutcome, type TimeAtHost } from './judge-host.ts';

const HOST = { site: 'dublin', protocol: 'imap', host: '192.0.2.1', port: 993 };

function judge(reason: 'site-broke-off' | 'login-deadline' | 'site-refused', time: TimeAtHost) {
  const noted: string[] = [];
  const health: Pick<HealthPort, 'noteAnswer' | 'noteFailure'> = {
    noteAnswer: () => void noted.push('answer'),
    noteFailure: (_host, _client, why) => void noted.push(why),
  };
  const outcome = { ok: false, reason } as const;
  noteHostOutcome(health as HealthPort, HOST, '192.0.2.7', outcome, time);
  return noted;
}

it.each([
  ['site-broke-off', { isOver: false, waitedMs: 3 }, ['site-broke-off']],
  ['site-refused', { isOver: false, waitedMs: 3 }, ['answer']],
  ['site-broke-off', { isOver: true, waitedMs: 3_000 }, ['login-deadline']],
  ['login-deadline', { isOver: true, waitedMs: 3_000 }, ['login-deadline']],
  // Something else has used up the login's time.
  ['site-broke-off', { isOver: true, waitedMs: 200 }, []],
  ['login-deadline', { isOver: true, waitedMs: 0 }, []],
] as const)('%s with %j says %j of the host', (reason, time, noted) => {
  expect(judge(reason, time)).toEqual(noted);
});
