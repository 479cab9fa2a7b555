import { FakeClock } from '@homeward/testkit';
import { expect, it } from 'vitest';
import { LoginPhases } from './login-phases.ts';
import { openHomeSession, type SessionRequest } from './login-at-home.ts';
import type { GreetOutcome, InnerTarget, TicketSigner } from './ports.ts';

const TARGET = { protocol: 'imap', host: '192.0.2.1', port: 1993 } as InnerTarget;

/** A login that gets no place among the account's sessions. */
function refuse(greeted: GreetOutcome) {
  const request = { phases: new LoginPhases(new FakeClock()) } as SessionRequest;
  const ports = {
    connections: { take: () => Promise.resolve(greeted) },
    signer: {} as TicketSigner,
  };
  const permission = Promise.resolve({ ok: false, reason: 'login-deadline' } as const);
  return openHomeSession(ports, TARGET, request, permission, new AbortController().signal);
}

it('does not blame a host that has greeted for a claim that fails behind it', async () => {
  let isDestroyed = false;
  const connection = { destroy: () => (isDestroyed = true) };
  const greeted = { ok: true, greeted: { connection } } as unknown as GreetOutcome;
  expect(await refuse(greeted)).toEqual({ ok: false, reason: 'login-deadline', phase: undefined });
  expect(isDestroyed).toBe(true);
});

it('blames one that has not', async () => {
  const silent: GreetOutcome = { ok: false, reason: 'unreachable', detail: 'no answer' };
  expect(await refuse(silent)).toMatchObject({ reason: 'login-deadline', phase: 'greeting' });
});
