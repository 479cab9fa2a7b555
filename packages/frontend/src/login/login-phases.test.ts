import { FakeClock } from '@homeward/testkit';
import { describe, expect, it } from 'vitest';
import { LoginPhases, type LoginPhase } from './login-phases.ts';

describe('LoginPhases', () => {
  it('adds up each phase, and tells only of those that were entered', () => {
    const clock = new FakeClock();
    const phases = new LoginPhases(clock);
    const spend = (phase: LoginPhase, durationMs: number): void => {
      phases.begin(phase);
      clock.advance(durationMs);
    };
    spend('look-up', 3);
    spend('connect', 5);
    spend('claim', 0);
    spend('connect', 7);
    phases.end();
    clock.advance(100);
    phases.end();
    const told: [LoginPhase, number][] = [];
    phases.report((...phase) => told.push(phase));
    expect(told).toEqual([
      ['look-up', 3],
      ['connect', 12],
      ['claim', 0],
    ]);
    expect(phases.fields).toEqual({
      lookUpMs: 3,
      gateMs: undefined,
      secretMs: undefined,
      connectMs: 12,
      claimMs: 0,
      innerLoginMs: undefined,
    });
  });
});
