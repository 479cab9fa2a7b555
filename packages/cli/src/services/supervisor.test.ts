/** `supervisor: true`: a worker that is alone is started again when it ends. */
import { createTempFolder, findFreePort, startProcess, type TempFolder } from '@homeward/testkit';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LAUNCHER, runHomewardHere } from '../testing/run-homeward.ts';

let temp: TempFolder;
beforeAll(async () => {
  temp = await createTempFolder('supervisor');
  const names = ['--folder', temp.path, '--hostname', 'mail.example.org', '--site', 'dublin'];
  await runHomewardHere(['init', ...names]);
});
afterAll(() => temp[Symbol.asyncDispose]());

it.each(['frontend', 'backend'])(
  'homeward %s has one beside a worker that is alone',
  async (service) => {
    const file = temp.join(service === 'backend' ? 'backend-dublin.yaml' : 'frontend.yaml');
    const text = await readFile(file, 'utf8');
    const ports = await Promise.all(Array.from(text.matchAll(/port: \d+/g), () => findFreePort()));
    await writeFile(
      file,
      text.replaceAll(/port: \d+/g, () => `port: ${ports.pop()}`),
    );
    await appendFile(file, 'stopWindowSeconds: 0\nsupervisor: true\n');
    await using running = startProcess(process.execPath, {
      args: ['--', LAUNCHER, service, '--config', file],
      env: { HOMEWARD_CONFIG: undefined },
    });
    await running.waitForLine(/"worker\.started"/, 30_000);
    const pids = (): number[] =>
      Array.from(running.output.matchAll(/"worker\.started".*"pid":(\d+)/g), ([, pid]) =>
        Number(pid),
      );
    const [first] = pids();
    process.kill(first!, 'SIGKILL');
    await expect.poll(pids, { timeout: 30_000 }).toHaveLength(2);
    running.signal('SIGTERM');
    expect(await running.waitForExit()).toEqual({ code: 0, signal: null });
  },
);
