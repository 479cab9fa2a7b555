/** Metadata (RFC 5464) and access rights (RFC 4314) of folders. */
import { describe, expect, it } from 'vitest';
import { reasonOf, valueOf } from '../mail-steps.ts';
import { useStore, type OpenHarness } from './contract-store.ts';

export function describeAnnotations(open: OpenHarness): void {
  const use = useStore(open);

  describe(`metadata`, () => {
    const entries = (values: Record<string, string | undefined>) =>
      new Map(
        Object.entries(values).map(([key, value]) => [
          key,
          value === undefined ? undefined : Buffer.from(value),
        ]),
      );
    const read = async (path: string | undefined): Promise<Record<string, string>> => {
      const found = valueOf(await use.mailbox.readMetadata(path));
      return Object.fromEntries(
        [...found].map(([key, value]) => [key, Buffer.from(value).toString()]),
      );
    };

    it('is kept for the mailbox and for folders, whose renames it follows', async () => {
      valueOf(await use.mailbox.createFolder('A/B', true));
      valueOf(await use.mailbox.setMetadata(undefined, entries({ '/shared/Comment': 'all' })));
      valueOf(
        await use.mailbox.setMetadata(
          'A/B',
          entries({ '/private/x': 'b\0\r\n', '/private/y': '' }),
        ),
      );
      valueOf(await use.mailbox.setMetadata('inbox', entries({ '/private/x': 'i' })));
      valueOf(await use.mailbox.renameFolder('A', 'C'));
      await use.restart();
      expect(await read(undefined)).toEqual({ '/shared/comment': 'all' });
      expect(await read('C/B')).toEqual({ '/private/x': 'b\0\r\n', '/private/y': '' });
      expect(await read('INBOX')).toEqual({ '/private/x': 'i' });
      valueOf(
        await use.mailbox.setMetadata(
          'C/B',
          entries({ '/PRIVATE/X': undefined, '/private/z': '1' }),
        ),
      );
      expect(await read('C/B')).toEqual({ '/private/y': '', '/private/z': '1' });
    });

    it('moves the folder on, so that clients see that something changed', async () => {
      const highest = async (): Promise<number> =>
        valueOf(await use.mailbox.statusOf('INBOX')).highestModSeq;
      const before = await highest();
      valueOf(await use.mailbox.setMetadata('INBOX', entries({ '/private/x': '1' })));
      const after = await highest();
      expect(after).toBeGreaterThan(before);
      await use.restart();
      expect(await highest()).toBe(after);
    });

    it('dies with the folder', async () => {
      valueOf(await use.mailbox.createFolder('A', true));
      valueOf(await use.mailbox.setMetadata('A', entries({ '/private/x': '1' })));
      valueOf(await use.mailbox.deleteFolder('A'));
      expect(reasonOf(await use.mailbox.readMetadata('A'))).toBe('nonexistent');
      expect(reasonOf(await use.mailbox.setMetadata('A', entries({ '/private/x': '1' })))).toBe(
        'nonexistent',
      );
      valueOf(await use.mailbox.createFolder('A', true));
      expect(await read('A')).toEqual({});
    });

    it.each([
      ['too-big', { '/private/c': 'x'.repeat(11) }, {}],
      ['too-many', { '/private/c': '1', '/private/d': '2' }, {}],
      ['over-quota', { '/private/c': 'x'.repeat(10) }, { metadataTotalBytes: 40 }],
      ['invalid-name', { ['/'.repeat(1001)]: '1' }, {}],
      ['invalid-name', { '': '1' }, {}],
      ['not-permitted', { '/private/c': '1', '/private/specialuse': '\\All' }, {}],
      ['not-permitted', { '/private/specialuse': '\\Junk \\Trash' }, {}],
    ] as const)('is bounded, and sets all or none: %s', async (reason, values, limits) => {
      use.harness.setLimits({ metadataEntryCount: 3, metadataValueBytes: 10, ...limits });
      const before = { '/private/a': '1', '/private/b': '2' };
      valueOf(await use.mailbox.createFolder('A', true));
      valueOf(await use.mailbox.setMetadata('A', entries(before)));
      const refused = await use.mailbox.setMetadata('A', entries({ '/private/a': '9', ...values }));
      expect(reasonOf(refused)).toBe(reason);
      expect(await read('A')).toEqual(before);
    });

    it('has the special use of a folder as an entry', async () => {
      expect(await read('Sent')).toEqual({ '/private/specialuse': '\\Sent' });
      valueOf(await use.mailbox.setMetadata('Sent', entries({ '/private/specialuse': undefined })));
      valueOf(await use.mailbox.createFolder('A', true));
      valueOf(await use.mailbox.setMetadata('A', entries({ '/private/SpecialUse': '\\Sent' })));
      expect([await read('Sent'), await read('A')]).toEqual([
        {},
        { '/private/specialuse': '\\Sent' },
      ]);
      expect((await use.mailbox.listFolders()).find(({ path }) => path === 'A')?.specialUse).toBe(
        '\\Sent',
      );
    });
  });

  describe(`access rights`, () => {
    const read = async (path: string): Promise<Record<string, string>> =>
      Object.fromEntries(valueOf(await use.mailbox.readAcl(path)));

    it('are kept by folder, follow renames, and are inherited by new folders', async () => {
      valueOf(await use.mailbox.createFolder('A', true));
      valueOf(await use.mailbox.setAcl('A', 'bob', 'lrs'));
      valueOf(await use.mailbox.setAcl('A', '-eve', ''));
      valueOf(await use.mailbox.createFolder('A/B/C', true));
      valueOf(await use.mailbox.setAcl('A', 'bob', 'lr'));
      valueOf(await use.mailbox.setAcl('A', '-eve', undefined));
      valueOf(await use.mailbox.renameFolder('A', 'X'));
      await use.restart();
      expect(await read('X')).toEqual({ bob: 'lr' });
      expect(await read('X/B')).toEqual({ bob: 'lrs', '-eve': '' });
      expect(await read('X/B/C')).toEqual({ bob: 'lrs', '-eve': '' });
      expect(await read('INBOX')).toEqual({});
    });

    it('die with the folder', async () => {
      valueOf(await use.mailbox.setAcl('Sent', 'bob', 'lr'));
      valueOf(await use.mailbox.deleteFolder('Sent'));
      expect(reasonOf(await use.mailbox.readAcl('Sent'))).toBe('nonexistent');
      valueOf(await use.mailbox.createFolder('Sent', true));
      expect(await read('Sent')).toEqual({});
    });

    it.each([
      ['nonexistent', 'Nowhere', 'bob', 'l'],
      ['invalid-name', 'Sent', '', 'l'],
      ['invalid-name', 'Sent', 'x'.repeat(256), 'l'],
      ['not-permitted', 'Sent', 'bob', 'L'],
      ['not-permitted', 'Sent', 'bob', 'l r'],
      ['too-many', 'Sent', 'third', 'l'],
    ])('are refused: %s', async (reason, path, identifier, rights) => {
      use.harness.setLimits({ accessEntryCount: 2 });
      for (const known of ['first', 'second'])
        valueOf(await use.mailbox.setAcl('Sent', known, 'l'));
      expect(reasonOf(await use.mailbox.setAcl(path, identifier, rights))).toBe(reason);
      expect(await read('Sent')).toEqual({ first: 'l', second: 'l' });
    });
  });
}
