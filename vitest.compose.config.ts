/**
 * How `npm run test:compose` runs: one file after the other, with the time that building an image
 * and mending a deployment take.
 */
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    environment: 'node',
    include: ['packages/e2e/src/**/*.compose.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    teardownTimeout: 180_000,
    pool: 'forks',
    // As for Homeward's own processes: see `service/src/process-supervisor.ts`.
    execArgv: ['--wasm-wrapper-tiering-budget=2000000000'],
    fileParallelism: false,
    passWithNoTests: false,
  },
});

export default config;
