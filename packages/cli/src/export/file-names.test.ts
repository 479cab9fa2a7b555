import { join, normalize } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MaildirNames, mboxPath } from './file-names.ts';

describe('mboxPath()', () => {
  it.each([
    ['INBOX', 'INBOX.mbox'],
    ['Work/2024', 'Work/2024.mbox'],
    ['Größe', 'Größe.mbox'],
    ['..', '_...mbox'],
    ['../x', '_../x.mbox'],
    ['a/./b', 'a/_./b.mbox'],
    ['a\\b\0c', 'a_b_c.mbox'],
    ['', '_.mbox'],
  ])('%j is %j', (path, expected) => {
    expect(mboxPath(path)).toBe(expected);
  });

  it('never leads out of the folder', () => {
    const level = fc.string({ unit: fc.constantFrom('.', '/', '\\', 'a', '\0', '\n') });
    fc.assert(
      fc.property(level, (path) => {
        const file = join('/export', mboxPath(path));
        expect(normalize(file)).toBe(file);
        expect(file.startsWith('/export/')).toBe(true);
      }),
    );
  });
});

describe('MaildirNames', () => {
  it.each([
    ['INBOX', ''],
    ['INBOX/Sub', '.INBOX.Sub'],
    ['Work/2024', '.Work.2024'],
    ['v1.2', '.v1_2'],
    ['Entwürfe & co', '.Entw&APw-rfe &- co'],
    ['..', '.___'],
    ['a\\b', '.a_b'],
  ])('%j is %j', (path, expected) => {
    expect(new MaildirNames().next(path)).toBe(expected);
  });

  it('gives no name twice', () => {
    const names = new MaildirNames();
    expect(['a.b', 'a_b', 'a_b-2'].map((path) => names.next(path))).toEqual([
      '.a_b',
      '.a_b-2',
      '.a_b-2-2',
    ]);
  });
});
