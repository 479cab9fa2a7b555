import { describe, expect, test } from 'vitest';
import { ALL_FAULTS, treatFault } from './fault.ts';
import { LOG_EVENTS } from './logging/index.ts';

describe('treatFault()', () => {
  test.each(ALL_FAULTS)('gives %s an answer, a declared event and its own label', (fault) => {
    const treatment = treatFault(fault);
    expect(LOG_EVENTS[treatment.event].fields).toHaveProperty('reason');
    expect(treatment.metricLabel).toBe(fault);
  });

  test.each(['unknown-user', 'no-secret', 'wrong-password', 'blocked-kind'] as const)(
    'answers %s like any other bad login, without a word more',
    (fault) => {
      const { refusal, mayExplain } = treatFault(fault);
      expect([refusal, mayExplain]).toEqual(['bad-credentials', false]);
    },
  );

  test('never answers a fault of ours like a wrong password', () => {
    const ours = ALL_FAULTS.filter((fault) => treatFault(fault).event === 'login.failed');
    expect(ours).toContain('site-unreachable');
    expect(ours).toContain('internal-error');
    for (const fault of ours) expect(treatFault(fault).refusal).toBe('unavailable');
  });
});
