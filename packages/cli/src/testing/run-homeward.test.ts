import { expect, test } from 'vitest';
import { EXIT_CODES } from '../output/operator-error.ts';
import { createCommandRunner } from './run-homeward.ts';

const WATCH = "--import=data:text/javascript,console.error('started')";

test('createCommandRunner() starts a process for the first run of each command alone', async () => {
  const run = createCommandRunner();
  const commands = [
    ['account', 'list'],
    ['account', 'list', '--site', 'x'],
    ['account', 'show', 'list'],
    ['site', 'list'],
    ['site', 'list', '--json'],
  ];
  const started: boolean[] = [];
  for (const command of commands) {
    const args = [...command, '--config', '/nowhere/homeward.yaml'];
    const { code, stdout, stderr } = await run(args, { env: { NODE_OPTIONS: WATCH } });
    // Whoever runs it says the same.
    expect({ code, stdout }).toEqual({ code: EXIT_CODES.configuration, stdout: '' });
    expect(stderr).toMatch(/^(?:started\n)?homeward: there is no homeward\.yaml at /);
    started.push(stderr.startsWith('started'));
  }
  expect(started).toEqual([true, false, true, true, false]);
});
