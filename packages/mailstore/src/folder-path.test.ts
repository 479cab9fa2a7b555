import { describe, expect, it } from 'vitest';
import { ancestorPaths, canonicalPath, isValidNewPath, parentPath } from './folder-path.ts';

const BOUNDS = { pathBytes: 20, folderDepth: 3 };

describe('canonicalPath()', () => {
  it.each([
    ['inbox', 'INBOX'],
    ['InBox/a', 'INBOX/a'],
    ['inbox/inbox', 'INBOX/inbox'],
    ['a/inbox', 'a/inbox'],
    ['inboxes', 'inboxes'],
    ['ınbox', 'ınbox'],
    ['', ''],
  ])('spells %j as %j', (path, expected) => {
    expect(canonicalPath(path)).toBe(expected);
  });
});

describe('isValidNewPath()', () => {
  it.each(['a', 'a/b/c', 'é'.repeat(10), ' a ', '#news', '~', '.hidden'])('takes %j', (path) => {
    expect(isValidNewPath(path, BOUNDS)).toBe(true);
  });

  it.each(['', '/', 'a//b', 'a/b/c/d', 'é'.repeat(11), 'a\tb', 'a\u2028', '%', '*', '\uDC00'])(
    'refuses %j',
    (path) => {
      expect(isValidNewPath(path, BOUNDS)).toBe(false);
    },
  );
});

describe('parentPath() and ancestorPaths()', () => {
  it('go up component by component', () => {
    expect(parentPath('a/b/c')).toBe('a/b');
    expect(parentPath('a')).toBeUndefined();
    expect(ancestorPaths('a/b/c')).toEqual(['a', 'a/b']);
    expect(ancestorPaths('a')).toEqual([]);
  });
});
