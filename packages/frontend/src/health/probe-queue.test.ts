import { expect, it } from 'vitest';
import { ProbeQueue } from './probe-queue.ts';

interface Host {
  readonly name: string;
}

function open(atOnce: number) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const queue = new ProbeQueue<Host>(({ name }, abort) => {
    begun.push(name);
    return new Promise((resolve) => {
      ends.set(name, resolve);
      abort.signal.addEventListener('abort', () => resolve());
    });
  }, atOnce);
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, begun, end };
}
const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => ({ name })) as [Host, Host, Host, Host];

it('runs so many at a time, and whoever waits longest next', async () => {
  const { queue, begun, end } = open(2);
  for (const host of [a, b, c, d, c]) queue.add(host);
  expect(begun).toEqual(['a', 'b']);
  await end('b');
  expect(begun).toEqual(['a', 'b', 'c']);
  await end('a');
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
});

it('probes no host twice at the same time', async () => {
  const { queue, begun, end } = open(2);
  queue.add(a);
  queue.add(a);
  expect(begun).toEqual(['a']);
  expect(queue.isProbing(a)).toBe(true);
  await end('a');
  expect(queue.isProbing(a)).toBe(false);
  queue.add(a);
  expect(begun).toEqual(['a', 'a']);
});

it('leaves out who was dropped meanwhile', async () => {
  const { queue, begun, end } = open(1);
  for (const host of [a, b, c]) queue.add(host);
  queue.drop(b);
  await end('a');
  expect(begun).toEqual(['a', 'c']);
});

it('aborts what is under way when it is closed, and begins nothing', async () => {
  const { queue, begun } = open(1);
  queue.add(a);
  queue.add(b);
  await queue.close();
  queue.add(c);
  expect(begun).toEqual(['a']);
});
