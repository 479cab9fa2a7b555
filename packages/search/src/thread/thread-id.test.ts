/** THREADID of RFC 8474 §5.2. */
import { sampleMailbox } from '@homeward/samples';
import { scanMessage } from '@homeward/mime';
import { describe, expect, it } from 'vitest';
import { makeSortFacts, type SortFacts } from '../sort-facts.ts';
import { finishSteps } from '../steps.ts';
import { threadIdOf } from './thread-id.ts';
import { createThreader } from './threader.ts';

function factsOf(octets: Uint8Array): SortFacts {
  return makeSortFacts(scanMessage(octets), octets);
}

function idOf(...lines: readonly string[]): string {
  return threadIdOf(factsOf(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)), 'M1');
}

describe('threadIdOf()', () => {
  const root = idOf('Message-ID: <a@x>');

  it('is an objectid (RFC 8474 §7), the same for ever', () => {
    expect(root).toMatch(/^T[0-9a-f]{14}$/);
    expect(idOf('Message-ID: <a@b>')).toBe('T07508d8b5018eb');
  });

  it.each([
    ['an answer', ['Message-ID: <b@x>', 'References: <a@x>']],
    ['an answer to an answer', ['Message-ID: <c@x>', 'References: <a@x> <b@x>']],
    ['an answer with In-Reply-To alone', ['Message-ID: <b@x>', 'In-Reply-To: <a@x>']],
    ['shortened references', ['Message-ID: <z@x>', 'References: <a@x> <y@x>']],
    ['an answer without a name', ['References: <a@x>']],
    ['a second copy', ['Message-ID: <"a"@x>', 'Subject: again']],
  ])('gives %s the id of the first message', (_, lines) => {
    expect(idOf(...lines)).toBe(root);
  });

  it.each([
    ['a stranger', ['Message-ID: <b@x>']],
    ['a message with the same subject', ['Message-ID: <b@x>', 'Subject: Re: Hello']],
    ['an answer to somebody else', ['Message-ID: <b@x>', 'References: <c@x> <a@x>']],
  ])('gives %s another', (_, lines) => {
    expect(idOf(...lines)).not.toBe(root);
  });

  it('takes a message without any name for a conversation of its own', () => {
    const [one, other] = ['M1', 'M2'].map((emailId) =>
      threadIdOf(factsOf(Buffer.from('\r\n')), emailId),
    );
    expect([one, other]).toEqual(['TM1', 'TM2']);
  });

  it('agrees with THREAD=REFS in a mailbox like real ones', () => {
    const options = { ownerAddress: 'anna@x.test', ownerName: 'Anna', seed: 1, nowMs: 1e12 };
    const all = sampleMailbox(options).folders.flatMap(({ messages }) => messages);
    const threader = createThreader('refs');
    const ids = all.map(({ octets, internalDateMs }, at) => {
      const facts = factsOf(octets);
      threader.add({ facts, internalDateMs });
      return threadIdOf(facts, `M${at}`);
    });
    const { roots, childStarts } = finishSteps(threader.thread());
    expect(childStarts.length).toBeGreaterThan(100);
    expect(new Set(ids).size).toBe(roots.length);
  });
});
