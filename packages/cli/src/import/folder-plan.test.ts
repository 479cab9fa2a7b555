/** Which folders of a source go where. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FolderChoice, planFolders } from './folder-plan.ts';
import type { SourceFolder } from './import-source.ts';

/** A folder whose separator is "."; `use` as the source says it. */
function folder(name: string, use?: string, leaveOut?: string): SourceFolder {
  return {
    name,
    levels: name.split('.'),
    specialUse: use,
    isSubscribed: true,
    leaveOut,
    stepCount: 0,
    messageCount: 0,
    sizeBytes: 0,
    messages: async function* () {},
  };
}

const FOLDERS: readonly SourceFolder[] = [
  folder('INBOX'),
  folder('INBOX.Sub'),
  folder('Sent Items', '\\Sent'),
  folder('Sent Items.2023'),
  folder('Work'),
  folder('Work.a/b'),
  folder('Workshop'),
  folder('Bin', '\\Trash'),
  folder('Shared', undefined, 'it is of others'),
];
const USES = new Map([
  ['\\Sent', 'Sent'],
  ['\\Archive', 'Archive'],
]);

function plan(choice: FolderChoice): Readonly<Record<string, string>> {
  const { planned } = planFolders(FOLDERS, choice, USES);
  return Object.fromEntries(planned.map(({ folder: { name }, target }) => [name, target]));
}

describe('planFolders()', () => {
  it('keeps names, and puts special folders where the target has them', () => {
    expect(plan({})).toEqual({
      INBOX: 'INBOX',
      'INBOX.Sub': 'INBOX/Sub',
      'Sent Items': 'Sent',
      'Sent Items.2023': 'Sent/2023',
      Work: 'Work',
      'Work.a/b': 'Work/a_b',
      Workshop: 'Workshop',
      Bin: 'Bin',
    });
  });

  it.each<[claim: string, choice: FolderChoice, expected: Readonly<Record<string, string>>]>([
    ['one folder', { folder: ['Work'] }, { Work: 'Work' }],
    [
      'by a pattern',
      { folder: ['Work*'], exclude: ['Works*'] },
      { Work: 'Work', 'Work.a/b': 'Work/a_b' },
    ],
    ['INBOX in any case', { folder: ['inbox'] }, { INBOX: 'INBOX' }],
    ['what is left out, if it is named', { folder: ['Shared'] }, { Shared: 'Shared' }],
    ['"." as itself', { folder: ['INBOX.Sub'] }, { 'INBOX.Sub': 'INBOX/Sub' }],
  ])('chooses %s', (_claim, choice, expected) => {
    expect(plan(choice)).toEqual(expected);
  });

  it('keeps a tree together below another folder', () => {
    expect(plan({ into: 'Old', folder: ['INBOX*', 'Sent*'] })).toEqual({
      INBOX: 'Old',
      'INBOX.Sub': 'Old/INBOX/Sub',
      'Sent Items': 'Old/Sent Items',
      'Sent Items.2023': 'Old/Sent Items/2023',
    });
  });

  it('maps a folder with those below it, the nearest map first', () => {
    const map = ['Work=Job/Old', 'Work.a/b=Elsewhere', 'Sent Items=Gone'];
    expect(plan({ map, folder: ['Work*', 'Sent*'] })).toEqual({
      Work: 'Job/Old',
      'Work.a/b': 'Elsewhere',
      Workshop: 'Workshop',
      'Sent Items': 'Gone',
      'Sent Items.2023': 'Gone/2023',
    });
  });

  it('can let special uses be', () => {
    expect(plan({ specialUse: false, folder: ['Sent*'] })).toEqual({
      'Sent Items': 'Sent Items',
      'Sent Items.2023': 'Sent Items/2023',
    });
  });

  it('says what is left out and why', () => {
    expect(planFolders(FOLDERS, {}, USES).leftOut).toEqual([
      { name: 'Shared', reason: 'it is of others' },
    ]);
    expect(planFolders(FOLDERS, { folder: ['Work'] }, USES).leftOut).toHaveLength(8);
  });

  it('tells the use of a folder that has to be made', () => {
    const { planned } = planFolders(FOLDERS, { folder: ['Bin', 'Work'] }, USES);
    expect(planned.map(({ specialUse }) => specialUse)).toEqual([undefined, '\\Trash']);
  });

  it.each<[claim: string, choice: FolderChoice, message: RegExp]>([
    ['a folder that is not there', { folder: ['Wrok'] }, /no folder Wrok; it has: INBOX, /],
    ['a pattern that fits nothing', { folder: ['x*'] }, /no folder x\*/],
    ['to exclude what is not there', { exclude: ['work'] }, /no folder work/],
    ['to map what is not there', { map: ['Works=x'] }, /no folder Works/],
    ['a map without a target', { map: ['Work='] }, /is not SOURCE=TARGET/],
    ['a map without a source', { map: ['=Work'] }, /is not SOURCE=TARGET/],
    ['a map that is none', { map: ['Work'] }, /is not SOURCE=TARGET/],
  ])('refuses %s', (_claim, choice, message) => {
    expect(() => plan(choice)).toThrow(message);
  });

  it('takes any pattern for text, but "*"', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        const one = { ...folder('x'), name };
        const choose = (pattern: string): number =>
          planFolders([one], { folder: [pattern] }, USES).planned.length;
        expect(choose(name)).toBe(1);
        expect(choose('*')).toBe(1);
        expect(() => choose(`${name.replaceAll('*', '')}!?`)).toThrow('no folder');
      }),
    );
  });
});
