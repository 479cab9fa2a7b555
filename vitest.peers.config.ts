/**
 * How `npm run test:peers` runs: what is true of others, against the others themselves. The tests
 * install a peer that is missing where they may (Debian, as root), which takes its time.
 */
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    environment: 'node',
    include: ['packages/*/src/**/*.peers.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    teardownTimeout: 60_000,
    expect: { poll: { timeout: 60_000 } },
    pool: 'forks',
    // On two cores the default is one worker, and what these tests do is mostly wait.
    maxWorkers: '100%',
    // As for Homeward's own processes: see `service/src/process-supervisor.ts`.
    execArgv: ['--wasm-wrapper-tiering-budget=2000000000'],
    passWithNoTests: false,
    restoreMocks: true,
  },
});

export default config;
