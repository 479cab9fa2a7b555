import { expect, it } from 'vitest';
import type { HostVisit } from './host-visit.ts';
import { noteHostOutcome, type StayAtHost } from './judge-host.ts';

function judge(
  reason: 'site-broke-off' | 'login-deadline' | 'site-refused',
  time: Omit<StayAtHost, 'phase'>,
) {
  const noted: string[] = [];
  const visit: HostVisit = {
    noteAnswer: () => void noted.push('answer'),
    noteFailure: ({ phase, reason: why }) => void noted.push(`${phase} ${why}`),
    leave: () => void noted.push('left'),
    whenCondemned: () => () => undefined,
  };
  const outcome = { ok: false, reason } as const;
  noteHostOutcome(visit, outcome, { phase: 'login', ...time });
  return noted;
}

it.each([
  ['site-broke-off', { isOver: false, waitedMs: 3 }, ['login site-broke-off']],
  ['site-refused', { isOver: false, waitedMs: 3 }, ['answer']],
  ['site-broke-off', { isOver: true, waitedMs: 3_000 }, ['login login-deadline']],
  ['login-deadline', { isOver: true, waitedMs: 3_000 }, ['login login-deadline']],
  // Something else has used up the login's time.
  ['site-broke-off', { isOver: true, waitedMs: 200 }, ['left']],
  ['login-deadline', { isOver: true, waitedMs: 0 }, ['left']],
] as const)('%s with %j says %j of the host', (reason, time, noted) => {
  expect(judge(reason, time)).toEqual(noted);
});
