/** Calls to a thread: answers, errors, and what follows when it dies. */
import { afterEach, describe, expect, it } from 'vitest';
import { ThreadCalls } from './thread-calls.ts';

const DYING = new URL('./testing/dying-worker.ts', import.meta.url);
let calls: ThreadCalls<string>;

afterEach(async () => {
  await calls.close();
});

describe('ThreadCalls', () => {
  it('gives each asker its own answer', async () => {
    calls = new ThreadCalls(DYING);
    expect(calls.isRunning).toBe(false);
    expect(await Promise.all(['a', 'b', 'c'].map((body) => calls.ask(body)))).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('rejects with the code of what failed, and goes on', async () => {
    calls = new ThreadCalls(DYING);
    await expect(calls.ask('fail')).rejects.toMatchObject({ name: 'ThreadError', code: 'EIO' });
    expect(await calls.ask('a')).toBe('a');
  });

  it.each(['die', 'throw'])('starts a new thread after one that dies: %s', async (how) => {
    calls = new ThreadCalls(DYING);
    const asked = await Promise.allSettled([calls.ask(how), calls.ask('late')]);
    expect(asked[0]).toMatchObject({ status: 'rejected', reason: { code: 'EXIT' } });
    // It died at once, so it rests first.
    await expect(calls.ask('a')).rejects.toMatchObject({ code: 'EXIT' });
    await expect.poll(() => calls.ask('a').catch(() => 'resting'), { timeout: 5000 }).toBe('a');
  });

  it('asks nobody once it is closed', async () => {
    calls = new ThreadCalls(DYING);
    await calls.ask('a');
    const waiting = calls.ask('throw');
    await calls.close();
    await expect(waiting).rejects.toMatchObject({ code: 'EXIT' });
    await expect(calls.ask('a')).rejects.toMatchObject({ code: 'EXIT' });
  });
});
