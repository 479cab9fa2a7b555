import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startNode, startProcess } from './process-runner.ts';
import { type TempFolder, createTempFolder } from './temp-folder.ts';

let folder: TempFolder;

beforeEach(async () => {
  folder = await createTempFolder('process');
});

afterEach(async () => {
  await folder.remove();
});

async function writeScript(text: string): Promise<string> {
  const file = folder.join('script.mjs');
  await writeFile(file, text);
  return file;
}

/** A zombie is dead, whether or not somebody reaps it. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('startNode()', () => {
  it('runs the pinned Node with arguments, environment and input', async () => {
    const script = await writeScript(`
      process.stdin.on('data', (text) => console.log(process.version, process.argv[2], process.env.WORD, String(text)));
    `);
    await using child = startNode(script, { args: ['one'], env: { WORD: 'two' }, input: 'three' });
    expect(await child.waitForExit()).toEqual({ code: 0, signal: null });
    expect(child.output).toBe(`${process.version} one two three\n`);
  });

  it('keeps standard error too', async () => {
    const script = await writeScript(`console.error('went wrong'); process.exit(3);`);
    await using child = startNode(script);
    expect(await child.waitForExit()).toEqual({ code: 3, signal: null });
    expect(child.output).toBe('went wrong\n');
  });
});

describe('waitForLine()', () => {
  it('finds a line that comes later, and one that came before', async () => {
    const script = await writeScript(`
      console.log('port 17'); setTimeout(() => console.log('ready'), 20); setInterval(() => {}, 1000);
    `);
    await using child = startNode(script);
    await child.waitForLine(/^ready$/);
    expect((await child.waitForLine(/^port (\d+)$/))[1]).toBe('17');
  });

  it('fails with the output when the process ends first', async () => {
    const script = await writeScript(`console.log('no luck'); process.exit(4);`);
    await using child = startNode(script);
    await expect(child.waitForLine(/^ready$/)).rejects.toThrow(/code 4[^]*no luck/);
  });

  it('fails when nothing comes in time', async () => {
    const script = await writeScript(`setInterval(() => {}, 1000);`);
    await using child = startNode(script);
    await expect(child.waitForLine(/^ready$/, 30)).rejects.toThrow(/within 30 ms/);
  });
});

describe('RunningProcess', () => {
  it('tells the signal that ended it', async () => {
    const script = await writeScript(`console.log('up'); setInterval(() => {}, 1000);`);
    await using child = startNode(script);
    await child.waitForLine(/^up$/);
    child.signal('SIGTERM');
    expect(await child.waitForExit()).toEqual({ code: null, signal: 'SIGTERM' });
    expect(child.exit).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('takes its own children with it', async () => {
    const script = await writeScript(`
      import { spawn } from 'node:child_process';
      const worker = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      console.log('worker', worker.pid);
    `);
    const child = startNode(script);
    const worker = Number((await child.waitForLine(/^worker (\d+)$/))[1]);
    expect(isAlive(worker)).toBe(true);
    await child.stop();
    expect(isAlive(child.pid)).toBe(false);
    await expect.poll(() => isAlive(worker)).toBe(false);
  });

  it('tells the end of a process whose worker stays, and ends the worker with stop()', async () => {
    const script = await writeScript(`
      import { spawn } from 'node:child_process';
      const worker = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      console.log('worker', worker.pid);
      worker.on('spawn', () => process.exit(5));
    `);
    const child = startNode(script);
    expect(await child.waitForExit()).toEqual({ code: 5, signal: null });
    const worker = Number((await child.waitForLine(/^worker (\d+)$/))[1]);
    expect(isAlive(worker)).toBe(true);
    await child.stop();
    await expect.poll(() => isAlive(worker)).toBe(false);
  });

  it('says so when a program cannot be started', async () => {
    await using child = startProcess('homeward-no-such-program');
    await expect(child.waitForLine(/x/)).rejects.toThrow(/ENOENT/);
    expect(() => child.pid).toThrow(/could not be started/);
  });
});
