/** What RFC 7162 §7 adds to the syntax of SELECT, FETCH, STORE, SEARCH and STATUS. */
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../parse-command.ts';

const set = (...ranges: readonly (readonly [number, number])[]) =>
  ranges.map(([first, last]) => ({ first, last }));
const qresync = { uidValidity: 7, modSeq: 20, knownUids: undefined, match: undefined };

describe('parseCommand() of mod-sequences', () => {
  it.each<readonly [string, object]>([
    ['SELECT a (CONDSTORE)', { condstore: true, qresync: undefined }],
    ['EXAMINE a (condstore)', { name: 'examine', condstore: true }],
    ['SELECT a (QRESYNC (7 20))', { condstore: false, qresync }],
    ['SELECT a (QRESYNC (7 20) CONDSTORE)', { condstore: true, qresync }],
    [
      'SELECT a (QRESYNC (7 20 41,43:211))',
      { qresync: { ...qresync, knownUids: set([41, 41], [43, 211]) } },
    ],
    [
      'SELECT a (QRESYNC (7 20 1:9 (2,4:5 20,31:32)))',
      {
        qresync: {
          ...qresync,
          knownUids: set([1, 9]),
          match: { sequences: set([2, 2], [4, 5]), uids: set([20, 20], [31, 32]) },
        },
      },
    ],
    [
      'SELECT a (QRESYNC (7 20 (1 1)))',
      { qresync: { ...qresync, match: { sequences: set([1, 1]), uids: set([1, 1]) } } },
    ],
    ['FETCH 1 MODSEQ', { items: [{ item: 'mod-seq' }], changedSince: undefined }],
    ['FETCH 1 (FLAGS) (CHANGEDSINCE 12345)', { changedSince: 12_345, vanished: false }],
    ['FETCH 1 ALL (changedsince 0)', { changedSince: 0 }],
    ['FETCH 1 FLAGS (CHANGEDSINCE 9223372036854775807)', { changedSince: 2 ** 63 }],
    ['UID FETCH 1 FLAGS (VANISHED CHANGEDSINCE 1)', { changedSince: 1, vanished: true }],
    ['STORE 1 (UNCHANGEDSINCE 0) +FLAGS ($X)', { unchangedSince: 0, change: 'add' }],
    ['UID STORE 1 (unchangedsince 5) FLAGS.SILENT ()', { unchangedSince: 5, silent: true }],
    ['SEARCH MODSEQ 620', { criteria: { key: 'mod-seq', modSeq: 620 } }],
    ['SEARCH MODSEQ "/flags/\\\\draft" all 620', { criteria: { key: 'mod-seq', modSeq: 620 } }],
    ['SEARCH MODSEQ "/FLAGS/$x" PRIV 1', { criteria: { key: 'mod-seq', modSeq: 1 } }],
    ['STATUS a (HIGHESTMODSEQ)', { items: ['highest-mod-seq'] }],
  ])('accepts %j', (text, command) => {
    expect(parseCommand(`a ${text}`, false)).toMatchObject({ kind: 'command', command });
  });

  it.each([
    'SELECT a (',
    'SELECT a ()',
    'SELECT a CONDSTORE',
    'SELECT a (CONDSTORE CONDSTORE)',
    'SELECT a (BOGUS)',
    'SELECT a (QRESYNC)',
    'SELECT a (QRESYNC 7 20)',
    'SELECT a (QRESYNC (7))',
    'SELECT a (QRESYNC (0 20))',
    'SELECT a (QRESYNC (7 20 1:*))',
    'SELECT a (QRESYNC (7 20 1:9 (1 *)))',
    'SELECT a (QRESYNC (7 20 1:9 (1:2 1:3)))',
    'SELECT a (QRESYNC (7 20 (1 1) 1:9))',
    'SELECT a (QRESYNC (7 20) QRESYNC (7 20))',
    'FETCH 1 FLAGS ()',
    'FETCH 1 FLAGS CHANGEDSINCE 5',
    'FETCH 1 FLAGS (CHANGEDSINCE)',
    'FETCH 1 FLAGS (CHANGEDSINCE -1)',
    'FETCH 1 FLAGS (CHANGEDSINCE 9223372036854775808)',
    'FETCH 1 FLAGS (CHANGEDSINCE 1 CHANGEDSINCE 2)',
    'FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)',
    'UID FETCH 1 FLAGS (VANISHED)',
    'UID FETCH 1 FLAGS (BOGUS 1)',
    'STORE 1 (UNCHANGEDSINCE) FLAGS ()',
    'STORE 1 (CHANGEDSINCE 1) FLAGS ()',
    'STORE 1 (UNCHANGEDSINCE 1)FLAGS ()',
    'STORE 1 (UNCHANGEDSINCE 1 UNCHANGEDSINCE 1) FLAGS ()',
    'SEARCH MODSEQ',
    'SEARCH MODSEQ x',
    'SEARCH MODSEQ "/flags/\\\\draft" 1',
    'SEARCH MODSEQ "/flags/$x" none 1',
    'SEARCH MODSEQ "flags" all 1',
  ])('refuses %j', (text) => {
    expect(parseCommand(`a ${text}`, false)).toMatchObject({ kind: 'failed', tag: 'a' });
  });
});
