import { describe, expect, it } from 'vitest';
import { type TranscriptTarget, runTranscript } from './transcript.ts';

/** A server that answers each sent line by a table, one queue for each connection. */
function createTarget(answers: Readonly<Record<string, readonly string[]>>): TranscriptTarget & {
  readonly sent: string[];
} {
  const sent: string[] = [];
  return {
    sent,
    connect: async () => {
      const lines: string[] = [];
      return {
        send: (text) => {
          sent.push(text);
          lines.push(...(answers[text.trimEnd()] ?? []));
        },
        readLine: async () => {
          const line = lines.shift();
          if (line === undefined) throw new Error('nothing comes');
          return line;
        },
      };
    },
  };
}

const answers = {
  'a1 NOOP': ['* 3 EXISTS', '* 1 RECENT', 'a1 OK [UID 17] done.'],
  'a2 UID 17': ['a2 OK'],
};

describe('runTranscript()', () => {
  it.each([
    ['exact lines', 'C1: a1 NOOP\nS1: * 3 EXISTS\nS1: * 1 RECENT\nS1: a1 OK [UID 17] done.'],
    ['comments and empty lines', '# why\n\nC1: a1 NOOP\nS1: * 3 EXISTS'],
    ['patterns', 'C1: a1 NOOP\nS1: * {{\\d}} EXISTS'],
    ['captures', 'C1: a1 NOOP\nS1~ a1 OK [UID {{uid=\\d+}}] {{.*}}\nC1: a2 UID $(uid)\nS1: a2 OK'],
    ['neighbours in any order', 'C1: a1 NOOP\nU1: * 1 RECENT\nU1: * 3 EXISTS\nS1: a1 OK {{.*}}'],
    ['skipped untagged lines', 'C1: a1 NOOP\nS1~ a1 OK {{.*}}'],
    ['several connections', 'C1: a1 NOOP\nC2: a2 UID 17\nS2: a2 OK\nS1: * 3 EXISTS'],
  ])('accepts %s', async (_name, text) => {
    await runTranscript('good', text, createTarget(answers));
  });

  it.each([
    ['another line', 'C1: a1 NOOP\nS1: * 4 EXISTS', /bad:2: expected\n {2}\* 4.*\nbut got\n.*3/],
    ['a dot that is no pattern', 'C1: a1 NOOP\nS1: * . EXISTS', /bad:2/],
    ['a pattern that matches a part only', 'C1: a1 NOOP\nS1: * {{\\d}}', /bad:2/],
    ['a missing neighbour', 'C1: a1 NOOP\nU1: * 1 RECENT\nU1: * 9 EXISTS', /9 EXISTS/],
    ['skipping beyond the tagged line', 'C1: a1 NOOP\nS1~ a2 OK', /bad:2/],
    ['the line of another connection', 'C1: a1 NOOP\nS2: * 3 EXISTS', /no line came/],
    ['silence', 'C1: a3 NOOP\nS1: a3 OK', /bad:2: no line came while expecting\n {2}a3 OK/],
    ['an unknown kind of line', 'C1 a1 NOOP', /bad:1: not a transcript line/],
    ['a capture that never was', 'C1: a2 $(uid)', /nothing was captured as uid/],
  ])('refuses %s', async (_name, text, message) => {
    await expect(runTranscript('bad', text, createTarget(answers))).rejects.toThrow(message);
  });

  it('sends lines with CRLF', async () => {
    const target = createTarget(answers);
    await runTranscript('good', 'C1: a1 NOOP', target);
    expect(target.sent).toEqual(['a1 NOOP\r\n']);
  });
});
