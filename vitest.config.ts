/**
 * How every test of the repository runs: beside the code, on Node, in parallel by construction.
 *
 * The limits are generous because two-core machines run the whole suite; a test that needs
 * anywhere near this long waits for something it should have been told about.
 */
import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Tier 0. It has no state, so that one process can run file after file and load it once. */
const PURE = 'packages/{wire,sasl,mime,search,imap,pop3,smtp,samples}/src/**/*.test.ts';
const NEVER = ['**/node_modules/**', '**/*.peers.test.ts', '**/*.compose.test.ts'];

const config: ViteUserConfig = defineConfig({
  test: {
    environment: 'node',
    testTimeout: 20_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    // Whoever looks again and again is told nothing: a busy machine may take its time.
    expect: { poll: { timeout: 15_000 } },
    pool: 'forks',
    // On two cores the default is one worker, and most of what tests do is wait.
    maxWorkers: '100%',
    // As for Homeward's own processes: see `service/src/process-supervisor.ts`.
    execArgv: ['--wasm-wrapper-tiering-budget=2000000000'],
    passWithNoTests: false,
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: { name: 'pure', isolate: false, include: [PURE], exclude: NEVER },
      },
      {
        extends: true,
        test: {
          name: 'world',
          globalSetup: ['packages/testkit/src/vitest-global-setup.ts'],
          include: ['packages/*/src/**/*.test.ts', 'tools/**/*.test.ts'],
          exclude: [...NEVER, PURE],
        },
      },
    ],
  },
});

export default config;
