/** Simulated power cuts: `node packages/mailstore/bench/power-cuts.ts` runs as many as you like. */
import { describe, expect, it } from 'vitest';
import { runCutSchedule } from './testing/cut-schedule.ts';

const SEED_COUNT = 12;

describe('power cut', () => {
  it.each(Array.from({ length: SEED_COUNT }, (_, at) => at + 1))(
    'takes nothing back that was acknowledged or shown (seed %d)',
    async (seed) => {
      const { cutCount, faults } = await runCutSchedule(seed);
      expect(faults).toEqual([]);
      expect(cutCount).toBeGreaterThan(0);
    },
    120_000,
  );
});
