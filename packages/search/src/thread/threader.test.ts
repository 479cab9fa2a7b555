/** THREAD by its three algorithms (RFC 5256 §3), and what hostile mail cannot do to them. */
import { scanMessage } from '@homeward/mime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageIdKey } from '../message-id.ts';
import { makeSortFacts, type SortFacts } from '../sort-facts.ts';
import { finishSteps } from '../steps.ts';
import { threadByTheLetter } from '../testing/references-by-the-letter.ts';
import { formatThreads } from './format-threads.ts';
import type { ThreadForest } from './thread-forest.ts';
import type { ThreadableMessage } from './threaded-messages.ts';
import { createThreader, type ThreadAlgorithm } from './threader.ts';

function threadForest(
  algorithm: ThreadAlgorithm,
  messages: readonly ThreadableMessage[],
): ThreadForest {
  const threader = createThreader(algorithm);
  for (const message of messages) threader.add(message);
  return finishSteps(threader.thread());
}

function thread(algorithm: ThreadAlgorithm, messages: readonly ThreadableMessage[]): string {
  const forest = threadForest(algorithm, messages);
  return [...formatThreads(forest, (message) => message + 1)].join('');
}

/** "id < reference reference | subject @ minute": a message in short. */
function messageOf(text: string, at: number): ThreadableMessage {
  const [, id = '', references = '', subject = '', minute = `${at}`] =
    /^(\S*)(?: < ([^|@]*?))?(?: \| ([^@]*?))?(?: @ (\d+))?$/.exec(text) ?? [];
  const lines = [
    `Message-ID: <${id}@x>`,
    `References: ${references.replaceAll(/\S+/g, '<$&@x>')}`,
    `Subject: ${subject}`,
    `Date: 1 Jan 2001 00:${minute.padStart(2, '0')} +0000`,
  ];
  const octets = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  return { facts: makeSortFacts(scanMessage(octets), octets), internalDateMs: at * 1_000 };
}

describe('THREAD=REFERENCES', () => {
  it.each<[string, readonly string[], string]>([
    ['nothing', [], ''],
    ['strangers', ['a', 'b'], '(1)(2)'],
    ['a chain', ['a', 'b < a', 'c < a b'], '(1 2 3)'],
    ['a chain in wrong order', ['c < a b', 'a', 'b < a'], '(2 3 1)'],
    ['siblings', ['a', 'b < a', 'c < a'], '(1 (2)(3))'],
    ['siblings by date', ['a @ 0', 'b < a @ 9', 'c < a @ 5'], '(1 (3)(2))'],
    ['threads by date', ['a @ 5', 'b @ 4'], '(2)(1)'],
    ['the RFC example', ['a', 'b', 'c < b', 'd < b c', 'e < b c', 'f < d'], '(1)(2 3 (4 6)(5))'],
    ['siblings of an absent parent', ['b < a', 'c < a'], '((1)(2))'],
    ['one child of an absent parent', ['b < a', 'c < a b'], '(1 2)'],
    ['a gap in a chain', ['a', 'c < a b', 'd < a b'], '(1 (2)(3))'],
    ['absent parents in a row', ['d < a b c', 'e < a b', 'f < a'], '((1)(2)(3))'],
    ['a message with the id of another', ['a', 'a', 'b < a'], '(1 3)(2)'],
    ['a message without id', ['', ' < a', 'a'], '(1)(3 2)'],
    ['one that answers itself', ['a < a'], '(1)'],
    ['two that answer each other', ['a < b', 'b < a'], '(2 1)'],
    ['a ring of three', ['a < c', 'b < a', 'c < b'], '(3 1 2)'],
    ['what the message says of itself, not others', ['a', 'c < a b', 'b < x'], '(1)(3 2)'],
    ['ids that differ in case', ['a', 'b < A'], '(1)(2)'],
  ])('threads %s', (_, messages, threads) => {
    expect(thread('references', messages.map(messageOf))).toBe(threads);
  });

  it.each<[string, readonly string[], string]>([
    ['a reply without references', ['a | Hi', 'b | Re: hi'], '(1 2)'],
    ['a reply that came first', ['a | Re: Hi @ 1', 'b | Hi @ 2'], '(2 1)'],
    ['two of the same subject', ['a | Hi', 'b | Hi'], '((1)(2))'],
    ['two replies', ['a | Re: Hi', 'b | Re: Hi'], '((1)(2))'],
    ['three of the same subject', ['a | Hi', 'b | Hi', 'c | Hi'], '((1)(2)(3))'],
    ['replies to two of the same subject', ['a | Hi', 'b | Hi', 'c | Re: Hi'], '((1)(2)(3))'],
    ['a reply, then two of the same subject', ['a | Re: Hi', 'b | Hi', 'c | Hi'], '((2 1)(3))'],
    ['dummies', ['a < x | Hi', 'b < x', 'c < y | Hi', 'd < y'], '((1)(2)(3)(4))'],
    ['a message and a dummy', ['c | Hi', 'a < x | Hi', 'b < x'], '((1)(2)(3))'],
    ['a dummy and a message', ['a < x | Hi', 'b < x', 'c | Hi'], '((1)(2)(3))'],
    ['not what has no subject', ['a | Re:', 'b |', 'c'], '(1)(2)(3)'],
    ['not what is below', ['a', 'b < a | Hi', 'c | Hi'], '(1 2)(3)'],
  ])('joins by subject: %s', (_, messages, threads) => {
    expect(thread('references', messages.map(messageOf))).toBe(threads);
  });

  const key = fc.integer({ min: 1, max: 8 }) as fc.Arbitrary<MessageIdKey>;
  const message: fc.Arbitrary<ThreadableMessage> = fc.record({
    internalDateMs: fc.integer({ min: 0, max: 5_000 }),
    facts: fc.option(
      fc.record({
        messageId: fc.option(key, { nil: undefined }),
        references: fc.array(key, { maxLength: 5 }),
        subject: fc.constantFrom('', '', 'A', 'B'),
        isReplyOrForward: fc.boolean(),
        sentDateMs: fc.option(fc.integer({ min: 0, max: 5_000 }), { nil: undefined }),
      }) as fc.Arbitrary<object> as fc.Arbitrary<SortFacts>,
      { nil: undefined, freq: 20 },
    ),
  });

  it('does what the RFC says, whatever the messages claim', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 12 }), (messages) => {
        expect(thread('references', messages)).toBe(threadByTheLetter(messages, true));
      }),
      { numRuns: 3_000 },
    );
  });

  it('gives every message once, whatever the algorithm', () => {
    const algorithm = fc.constantFrom<ThreadAlgorithm[]>('orderedsubject', 'references', 'refs');
    fc.assert(
      fc.property(algorithm, fc.array(message, { maxLength: 40 }), (name, messages) => {
        const numbers = thread(name, messages).match(/\d+/g) ?? [];
        expect(numbers.map(Number).toSorted((left, right) => left - right)).toEqual(
          messages.map((_, at) => at + 1),
        );
      }),
    );
  });
});

describe('THREAD=REFS', () => {
  it.each<[string, readonly string[], string]>([
    ['leaves subjects alone', ['a | Hi', 'b | Re: Hi'], '(1)(2)'],
    ['puts the thread with the newest message last', ['a', 'b', 'c < a'], '(2)(1 3)'],
    ['keeps an absent parent', ['b < a', 'x', 'c < a'], '(2)((1)(3))'],
    ['goes by arrival, not by sent date', ['a @ 9', 'b @ 1'], '(1)(2)'],
    ['sorts siblings by sent date', ['a', 'b < a @ 9', 'c < a @ 5'], '(1 (3)(2))'],
  ])('%s', (_, messages, threads) => {
    expect(thread('refs', messages.map(messageOf))).toBe(threads);
  });
});

describe('THREAD=ORDEREDSUBJECT', () => {
  it.each<[string, readonly string[], string]>([
    ['has no grandchildren', ['a | Hi', 'b | Re: Hi', 'c | [x] hi'], '(1 (2)(3))'],
    ['sorts a thread by date', ['a | Hi @ 9', 'b | Hi @ 1', 'c | Hi @ 5'], '(2 (3)(1))'],
    ['sorts threads by their first message', ['a | B @ 3', 'b | A @ 2', 'c | B @ 1'], '(3 1)(2)'],
    ['takes no subject for one, too', ['a', 'b | Hi', 'c | Re:'], '(1 3)(2)'],
    ['ignores references', ['a | Hi', 'b < a | Ho'], '(1)(2)'],
  ])('%s', (_, messages, threads) => {
    expect(thread('orderedsubject', messages.map(messageOf))).toBe(threads);
  });
});

/** A message by keys. */
function linkOf(id: number, ...references: readonly number[]): ThreadableMessage {
  const facts = { messageId: id, references, subject: '', isReplyOrForward: false, sentDateMs: id };
  return { facts: facts as object as SortFacts, internalDateMs: 0 };
}

/** Depth, without recursion. */
function depthOf({ roots, childStarts, children }: ThreadForest): number {
  let depth = 0;
  for (let level = [...roots]; level.length > 0; depth += 1) {
    level = level.flatMap((node) => [
      ...children.subarray(childStarts[node], childStarts[node + 1]),
    ]);
  }
  return depth;
}

const COUNT = 100_000;
const numbers = Array.from({ length: COUNT }, (_, at) => at + 1);

describe('createThreader()', () => {
  it.each<[string, readonly ThreadableMessage[]]>([
    ['in order', numbers.map((id) => linkOf(id, id - 1))],
    ['backwards', numbers.toReversed().map((id) => linkOf(id, id - 1))],
    [
      'in no order',
      numbers.map((at) => 1 + ((at * 7_919) % COUNT)).map((id) => linkOf(id, id - 1)),
    ],
    [
      'each naming many',
      numbers.map((id) => linkOf(id, ...numbers.slice(Math.max(0, id - 31), id - 1))),
    ],
  ])('threads a chain of 100,000 %s, and writes it', (_, messages) => {
    const startMs = performance.now();
    const forest = threadForest('references', messages);
    expect(depthOf(forest)).toBe(COUNT);
    const pieces = [...formatThreads(forest, (message) => message)];
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(10_000);
    expect(performance.now() - startMs).toBeLessThan(8_000);
  });

  it('is not slowed by links that are asked for under a deep chain', () => {
    // Half the messages make a chain; of the others each pair hangs something below its end.
    const half = numbers.slice(0, COUNT / 2);
    const end = half.length;
    const chain = half.map((id) => linkOf(id, id - 1));
    const pairs = half.flatMap((at) => [
      linkOf(COUNT + at * 2, COUNT + at * 2 + 1),
      linkOf(0, end, COUNT + at * 2 + 1),
    ]);
    const startMs = performance.now();
    expect(depthOf(threadForest('refs', [...chain, ...pairs]))).toBe(end + 1);
    expect(performance.now() - startMs).toBeLessThan(8_000);
  });

  it('bounds the identifiers of which there is no message', () => {
    const messages = numbers
      .slice(0, 20_000)
      .map((id) => linkOf(id, ...numbers.slice(0, 60).map((at) => COUNT * id + at)));
    const forest = threadForest('references', messages);
    expect(forest.roots).toHaveLength(20_000);
  });

  it('pauses often', () => {
    const threader = createThreader('references');
    for (const id of numbers) threader.add(linkOf(id, 1 + ((id * 31) % COUNT)));
    const steps = threader.thread();
    let stepCount = 0;
    while (steps.next().done !== true) stepCount += 1;
    expect(stepCount).toBeGreaterThan(100);
  });
});

describe('formatThreads()', () => {
  it('writes deep and wide threads in pieces that make one whole', () => {
    // A comb: every message of a chain has one more child.
    const teeth = numbers.slice(0, 20_000);
    const messages = teeth.flatMap((id) => [linkOf(id, id - 1), linkOf(COUNT + id, id)]);
    const forest = threadForest('references', messages);
    const pieces = [...formatThreads(forest, (message) => message + 1)];
    const text = pieces.join('');
    expect(pieces.length).toBeGreaterThan(10);
    expect(text.match(/\d+/g)).toHaveLength(40_000);
    expect(text.split('(')).toHaveLength(text.split(')').length);
  });
});
