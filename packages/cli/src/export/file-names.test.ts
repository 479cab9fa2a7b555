import { join, normalize } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MaildirNames, MboxNames } from './file-names.ts';

describe('MboxNames', () => {
  it.each([
    ['INBOX', 'INBOX.mbox'],
    ['Work/2024', 'Work/2024.mbox'],
    ['Größe', 'Größe.mbox'],
    ['..', '_...mbox'],
    ['../x', '_../x.mbox'],
    ['a/./b', 'a/_./b.mbox'],
    ['a\\b\0c', 'a_b_c.mbox'],
    ['', '_.mbox'],
    ['Work.mbox', 'Work.mbox_.mbox'],
    ['Work.MBOX/x', 'Work.MBOX_/x.mbox'],
    ['Work.mbox.part/x', 'Work.mbox.part_/x.mbox'],
    ['homeward-export.json/x', 'homeward-export.json_/x.mbox'],
  ])('%j is %j', (path, expected) => {
    expect(new MboxNames().next(path)).toBe(expected);
  });

  it('gives no path twice, and none that another needs for a folder', () => {
    const path = fc.string({ unit: fc.constantFrom('.', '/', '\\', '_', 'a', '.mbox', '-2') });
    fc.assert(
      fc.property(fc.uniqueArray(path), (paths) => {
        const names = new MboxNames();
        const files = paths.map((one) => names.next(one));
        expect(new Set(files).size).toBe(files.length);
        for (const file of files) {
          expect(files.some((other) => other.startsWith(`${file}/`))).toBe(false);
        }
      }),
    );
    const names = new MboxNames();
    expect(['a\\b', 'a_b', 'a_b-2'].map((one) => names.next(one))).toEqual([
      'a_b.mbox',
      'a_b-2.mbox',
      'a_b-2-2.mbox',
    ]);
  });

  it('never leads out of the folder', () => {
    const level = fc.string({ unit: fc.constantFrom('.', '/', '\\', 'a', '\0', '\n') });
    fc.assert(
      fc.property(level, (path) => {
        const file = join('/export', new MboxNames().next(path));
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
