/** SORT by every key (RFC 5256 §3, RFC 5957 §4). */
import { scanMessage } from '@homeward/mime';
import { describe, expect, it } from 'vitest';
import { makeSortFacts } from './sort-facts.ts';
import { createSorter, type SortableMessage, type SortCriterion, type SortKey } from './sorter.ts';
import { finishSteps } from './steps.ts';

interface Sample {
  readonly header?: readonly string[];
  readonly arrivalMs?: number;
  readonly sizeBytes?: number;
}

function messageOf({ header, arrivalMs = 0, sizeBytes = 0 }: Sample): SortableMessage {
  const octets = Buffer.from(`${(header ?? []).join('\r\n')}\r\n\r\n`);
  const facts = header && makeSortFacts(scanMessage(octets), octets);
  return { facts, internalDateMs: arrivalMs, sizeBytes };
}

/** "reverse subject" → a criterion. */
function criterionOf(text: string): SortCriterion {
  const isReversed = text.startsWith('reverse ');
  return { key: text.replace('reverse ', '') as SortKey, isReversed };
}

/** @returns numbers of messages, from 1. */
function sort(program: readonly string[], samples: readonly Sample[]): readonly number[] {
  const sorter = createSorter(program.map(criterionOf));
  for (const sample of samples) sorter.add(messageOf(sample));
  return [...finishSteps(sorter.sort())].map((at) => at + 1);
}

const headers = (...lines: readonly string[]): Sample[] =>
  lines.map((line) => ({ header: [line] }));

describe('createSorter()', () => {
  it.each<[string, readonly Sample[], readonly number[]]>([
    ['arrival', [{ arrivalMs: 3e3 }, { arrivalMs: 1e3 }, { arrivalMs: 2e3 }], [2, 3, 1]],
    ['arrival', [{ arrivalMs: 1_900 }, { arrivalMs: 1_100 }], [1, 2]],
    ['size', [{ sizeBytes: 10 }, { sizeBytes: 9 }, { sizeBytes: 100 }], [2, 1, 3]],
    ['reverse size', [{ sizeBytes: 10 }, { sizeBytes: 9 }, { sizeBytes: 100 }], [3, 1, 2]],
    ['subject', headers('Subject: b', 'Subject: Re: A', 'Subject: [x] c', 'X:'), [4, 2, 1, 3]],
    ['subject', headers('Subject: re: b', 'Subject: B', 'Subject: b (fwd)'), [1, 2, 3]],
    ['reverse subject', headers('Subject: b', 'Subject: c', 'Subject: Re: b'), [2, 1, 3]],
    ['subject', headers('Subject: z', 'Subject: =?utf-8?q?=C3=A9?=', 'Subject: f'), [2, 3, 1]],
    ['from', headers('From: Z <b@x>', 'From: A <c@x>', 'From: M <A@x>'), [3, 1, 2]],
    ['to', headers('To: b@a', 'To: a@z', 'From: x@y'), [3, 2, 1]],
    ['cc', headers('Cc: g: c@x;', 'Cc: f@x', 'Cc:'), [3, 2, 1]],
    ['display-from', headers('From: Z <a@x>', 'From: b@x', 'From: A <c@x>'), [3, 2, 1]],
    ['display-to', headers('To: Z <a@x>', 'To: b@x', 'X:'), [3, 2, 1]],
    ['date', headers('Date: 2 Jan 2001 00:00 +0000', 'Date: 1 Jan 2001 23:00 -0800'), [1, 2]],
    ['date', headers('Date: 2 Jan 2001 00:00 +0000', 'Date: 2 Jan 2001 01:00 +0200'), [2, 1]],
    [
      'date',
      [
        { header: ['Date: 3 Jan 2001 00:00 +0000'], arrivalMs: 0 },
        { header: ['Date: none'], arrivalMs: Date.UTC(2001, 0, 2) },
        { arrivalMs: Date.UTC(2001, 0, 1) },
      ],
      [3, 2, 1],
    ],
  ])('sorts by %s', (key, samples, order) => {
    expect(sort([key], samples)).toEqual(order);
  });

  it('asks the next key where one cannot decide, and the folder at last', () => {
    const samples = [
      { header: ['Subject: b'], sizeBytes: 1 },
      { header: ['Subject: a'], sizeBytes: 1 },
      { header: ['Subject: a'], sizeBytes: 2 },
      { header: ['Subject: Re: A'], sizeBytes: 2 },
    ];
    expect(sort(['subject', 'reverse size'], samples)).toEqual([3, 4, 2, 1]);
    expect(sort(['reverse subject', 'size'], samples)).toEqual([1, 2, 3, 4]);
  });

  it('reverses a key and not the order of equals', () => {
    expect(sort(['reverse arrival'], [{}, {}, { arrivalMs: 1_000 }])).toEqual([3, 1, 2]);
  });

  it.each<[string, boolean]>([
    ['arrival', false],
    ['reverse size', false],
    ['date', true],
    ['subject', true],
  ])('says whether %s needs facts', (key, needsFacts) => {
    expect(createSorter([criterionOf(key)]).needsFacts).toBe(needsFacts);
  });

  it('takes a key that comes again, without effect', () => {
    const samples = [{ sizeBytes: 2 }, { sizeBytes: 1 }];
    expect(sort(['size', 'reverse size'], samples)).toEqual([2, 1]);
  });

  it('gives nothing for nothing', () => {
    expect(sort(['subject'], [])).toEqual([]);
  });
});
