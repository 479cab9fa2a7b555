/** Simulated power cuts: `node packages/mail-queue/bench/power-cuts.ts` runs as many as you like. */
import { describe, expect, it } from 'vitest';
import { runCutSchedule } from './testing/cut-schedule.ts';

const SEED_COUNT = 6;

describe('power cut', () => {
  it.each(Array.from({ length: SEED_COUNT }, (_, at) => at + 1))(
    'loses nothing that was accepted, and counts what may come twice (seed %d)',
    async (seed) => {
      const { cutCount, faults } = await runCutSchedule(seed);
      expect(faults).toEqual([]);
      expect(cutCount).toBeGreaterThan(0);
    },
    120_000,
  );
});
