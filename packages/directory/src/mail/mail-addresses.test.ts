import { createTempFolder } from '@homeward/testkit';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDirectoryView, type DirectoryView } from '../cache/directory-view.ts';
import { openEmbeddedDirectory } from '../embedded/embedded-directory.ts';
import type { AccountRecord, GroupMember, GroupRecord } from '../ports.ts';
import type { DirectoryDriver } from '../directory-driver.ts';
import { createAccount, createSite } from '../testing/driver-contract.ts';
import { createGroup } from '../testing/group-contract.ts';
import type { MailAddressSettings } from './mail-address-settings.ts';
import { createMailAddresses, type MailAddresses } from './mail-addresses.ts';

let driver: DirectoryDriver;
let view: DirectoryView;
let addresses: MailAddresses;
let settings: MailAddressSettings;
let closers: (() => Promise<void>)[];

beforeEach(async () => {
  const folder = await createTempFolder('directory');
  driver = await openEmbeddedDirectory({ file: folder.join('directory.db') });
  view = createDirectoryView(driver);
  settings = {
    acceptedDomains: { 'example.org': 'authoritative', 'relay.example': 'internal-relay' },
    detailSeparator: '+',
  };
  addresses = createMailAddresses({ directory: view, settings: () => settings });
  await driver.putSite(createSite('dublin', 1));
  closers = [() => driver.close(), () => folder.remove()];
});

afterEach(async () => {
  view.close();
  for (const close of closers) await close();
});

async function account(
  local: string,
  overrides: Partial<AccountRecord> = {},
): Promise<AccountRecord> {
  const record = createAccount(local, overrides);
  expect(await driver.addAccount(record, undefined)).toEqual({ ok: true });
  return record;
}

async function group(local: string, overrides: Partial<GroupRecord> = {}): Promise<GroupRecord> {
  const record = createGroup(local, overrides);
  expect(await driver.addGroup(record)).toEqual({ ok: true });
  return record;
}

const of = ({ id }: AccountRecord): GroupMember => ({ kind: 'account', id });
const within = ({ id }: GroupRecord): GroupMember => ({ kind: 'group', id });
const at = (address: string): GroupMember => ({ kind: 'address', address });

describe('resolveRecipient()', () => {
  const nobody = { kind: 'unknown', reason: 'nobody' };

  test('finds an account by each of its addresses, in any case and form', async () => {
    const names = ['anna@example.org', 'rené@example.org', 'anna@münchen.example', 'anna'];
    const anna = await account('anna', { names });
    settings = { ...settings, acceptedDomains: { '*': 'authoritative' } };
    for (const text of [
      'anna@example.org',
      'ANNA@Example.Org',
      '"anna"@example.org',
      'RENE\u0301@example.org',
      'Anna@MÜNCHEN.example',
      'anna@xn--mnchen-3ya.example',
    ]) {
      expect(await addresses.resolveRecipient(text)).toMatchObject({
        kind: 'mailbox',
        account: anna,
        detail: undefined,
      });
    }
    // A login name is no address.
    expect(await addresses.resolveRecipient('anna')).toEqual(nobody);
    expect(await addresses.resolveRecipient('ann@example.org')).toEqual(nobody);
  });

  test('knows domains that are ours, relayed and foreign', async () => {
    const names = ['anna@example.org', 'anna@relay.example', 'anna@foreign.example'];
    await account('anna', { names });
    const kindOf = async (text: string): Promise<string> =>
      (await addresses.resolveRecipient(text)).kind;
    expect(await kindOf('anna@relay.example')).toBe('mailbox');
    expect(await kindOf('other@relay.example')).toBe('elsewhere');
    expect(await kindOf('other@example.org')).toBe('unknown');
    expect(await kindOf('anna@foreign.example')).toBe('elsewhere');
    expect(await kindOf('"a b"@foreign.example')).toBe('elsewhere');
    settings = { ...settings, acceptedDomains: {} };
    expect(await kindOf('anna@foreign.example')).toBe('mailbox');
    expect(await kindOf('other@example.org')).toBe('elsewhere');
  });

  test('splits a detail off, unless somebody has the address as it is', async () => {
    const anna = await account('anna');
    const shop = await account('shop', { names: ['shop@example.org', 'anna+shop@example.org'] });
    const all = await group('all');
    const resolve = (text: string): Promise<unknown> => addresses.resolveRecipient(text);
    expect(await resolve('Anna+Lists/RFC+x@example.org')).toMatchObject({
      account: anna,
      detail: 'Lists/RFC+x',
    });
    expect(await resolve('anna+SHOP@example.org')).toMatchObject({
      account: shop,
      detail: undefined,
    });
    expect(await resolve('anna+@example.org')).toMatchObject({ account: anna, detail: undefined });
    expect(await resolve('all+x@example.org')).toMatchObject({ kind: 'group', group: all });
    expect(await resolve('+anna@example.org')).toEqual(nobody);
    settings = { ...settings, detailSeparator: '-' };
    expect(await resolve('anna-x@example.org')).toMatchObject({ account: anna, detail: 'x' });
    expect(await resolve('anna+x@example.org')).toEqual(nobody);
    settings = { ...settings, detailSeparator: '' };
    expect(await resolve('anna+x@example.org')).toEqual(nobody);
  });

  test('gives mail to people and shared mailboxes that are switched on alone', async () => {
    const ldap = { entryId: 'e', loginName: undefined, state: 'absent' } as const;
    const refused: [Partial<AccountRecord>, string][] = [
      [{ kind: 'guest' }, 'blocked-kind'],
      [{ kind: 'anonymous' }, 'blocked-kind'],
      [{ kind: 'administrator' }, 'blocked-kind'],
      [{ isEnabled: false }, 'account-disabled'],
      [{ ldap }, 'account-disabled'],
    ];
    for (const [index, [overrides, reason]] of refused.entries()) {
      await account(`a${index}`, overrides);
      const outcome = await addresses.resolveRecipient(`a${index}@example.org`);
      expect(outcome).toEqual({ kind: 'unknown', reason });
    }
    await account('shared', { kind: 'shared' });
    const protocols = { imap: false, pop3: false, submission: false };
    await account('post', { protocols });
    for (const local of ['shared', 'post']) {
      const outcome = await addresses.resolveRecipient(`${local}@example.org`);
      expect(outcome.kind).toBe('mailbox');
    }
  });

  test('finds Postmaster without a domain at those that are ours', async () => {
    expect(await addresses.resolveRecipient('Postmaster')).toEqual(nobody);
    const post = await account('post', { names: ['post@example.org', 'postmaster@example.org'] });
    await vi.waitFor(async () =>
      expect(await addresses.resolveRecipient('POSTMASTER')).toMatchObject({ account: post }),
    );
  });

  test('costs no round trip for an address that is in use', async () => {
    await account('anna', { names: ['anna@example.org', 'ann@example.org'] });
    await group('all');
    const texts = ['anna@example.org', 'ann@example.org', 'all@example.org'];
    for (const text of texts) await addresses.resolveRecipient(text);
    const asked = (['findHolder', 'getAccount', 'getGroup'] as const).map((name) =>
      vi.spyOn(driver, name),
    );
    for (const text of texts) {
      const outcome = await addresses.resolveRecipient(text.toUpperCase());
      expect(['mailbox', 'group']).toContain(outcome.kind);
    }
    for (const spy of asked) expect(spy).not.toHaveBeenCalled();
  });

  test('says that the directory is away, never that somebody is not there', async () => {
    await account('anna');
    await driver.close();
    expect(await addresses.resolveRecipient('anna@example.org')).toEqual({ kind: 'unavailable' });
    expect(await addresses.resolveRecipient('anna@foreign.example')).toEqual({ kind: 'elsewhere' });
  });
});

describe('expandGroup()', () => {
  test('finds everybody once, through groups that hold each other', async () => {
    const [anna, berta] = [await account('anna'), await account('berta')];
    const [oneId, otherId] = [createGroup('x').id, createGroup('x').id];
    const other = await group('other', {
      id: otherId,
      members: [of(berta), of(anna), at('Guest@Example.NET'), at('one@example.org')],
    });
    const one = await group('one', {
      id: oneId,
      members: [
        of(anna),
        within(other),
        within(other),
        at('guest@example.net'),
        at('berta+lists@example.org'),
        at('other@example.org'),
        { kind: 'group', id: oneId },
      ],
    });
    expect(await addresses.expandGroup(one)).toEqual({
      kind: 'expanded',
      mailboxes: [
        { account: anna, detail: undefined },
        { account: berta, detail: 'lists' },
      ],
      elsewhere: ['guest@example.net'],
      skippedCount: 0,
    });
  });

  test('leaves out who gets no mail, and counts them', async () => {
    const off = await account('off', { isEnabled: false });
    const ghost = createAccount('ghost');
    const all = await group('all', {
      members: [of(off), of(ghost), within(createGroup('gone')), at('nobody@example.org')],
    });
    expect(await addresses.expandGroup(all)).toEqual({
      kind: 'expanded',
      mailboxes: [],
      elsewhere: [],
      skippedCount: 4,
    });
  });

  test('gives up beyond ten groups in each other, and beyond 10,000 recipients', async () => {
    let inner = await group('g0', { members: [of(await account('anna'))] });
    for (let depth = 1; depth <= 10; depth += 1) {
      inner = await group(`g${depth}`, { members: [within(inner)] });
    }
    expect(await addresses.expandGroup(inner)).toMatchObject({ kind: 'expanded' });
    const deeper = await group('deeper', { members: [within(inner)] });
    expect(await addresses.expandGroup(deeper)).toEqual({ kind: 'too-large' });
    const crowd = (count: number): GroupMember[] =>
      Array.from({ length: count }, (_, index) => at(`n${index}@example.net`));
    const full = await group('full', { members: crowd(10_000) });
    expect(await addresses.expandGroup(full)).toMatchObject({ kind: 'expanded' });
    const over = await group('over', { members: crowd(10_001) });
    expect(await addresses.expandGroup(over)).toEqual({ kind: 'too-large' });
  });

  test('says that the directory is away', async () => {
    const all = await group('all', { members: [of(await account('anna'))] });
    await driver.close();
    expect(await addresses.expandGroup(all)).toEqual({ kind: 'unavailable' });
  });
});

describe('maySendAs()', () => {
  test('allows own addresses in any form, and those of who has granted it', async () => {
    const names = ['anna@example.org', 'rené@example.org', 'anna'];
    const anna = await account('anna', { names });
    const grant = (right: 'full' | 'send-as'): Partial<AccountRecord> => ({
      kind: 'shared',
      delegates: [{ accountId: anna.id, rights: [right] }],
    });
    await account('desk', grant('send-as'));
    await account('shop', grant('full'));
    await account('off', { ...grant('send-as'), isEnabled: false });
    await group('all', { members: [of(anna)] });
    const may = (address: string | undefined): Promise<string> =>
      addresses.maySendAs(anna, address);
    for (const address of [
      'Anna@Example.org',
      'RENE\u0301@example.org',
      'anna+shop@example.org',
      'desk@example.org',
      'desk+x@example.org',
      '',
      undefined,
    ]) {
      expect(await may(address)).toBe('yes');
    }
    for (const address of [
      'anna',
      'berta@example.org',
      'shop@example.org',
      'off@example.org',
      'all@example.org',
      'anna@example.net',
      'anna@example.org.example.net',
      '"anna@example.org"@example.net',
      'postmaster',
    ]) {
      expect(await may(address)).toBe('no');
    }
    await driver.close();
    expect(await may('berta@example.net')).toBe('unavailable');
  });

  test('an address with a separator that is somebody else’s is not one’s own', async () => {
    const anna = await account('anna');
    await account('boss', { names: ['boss@example.org', 'anna+boss@example.org'] });
    expect(await addresses.maySendAs(anna, 'anna+boss@example.org')).toBe('no');
  });
});

describe('maySendToGroup()', () => {
  test('asks what the group asks for', async () => {
    const [anna, berta, clara] = [
      await account('anna'),
      await account('berta'),
      await account('clara'),
    ];
    const inner = await group('inner', { members: [of(berta)] });
    const members = [of(anna), within(inner), at('guest@example.net')];
    const outside = (address: string): [undefined, string] => [undefined, address];
    const senders: [AccountRecord | undefined, string][] = [
      [anna, 'anna@example.org'],
      [berta, 'berta@example.org'],
      [clara, 'clara@example.org'],
      outside('GUEST@example.net'),
      outside('stranger@example.net'),
      // Whoever has not logged in is nobody of ours.
      outside('anna@example.org'),
      outside(''),
    ];
    const verdicts = async (overrides: Partial<GroupRecord>): Promise<string> => {
      const record = createGroup('all', { members, ...overrides });
      const all = senders.map(([sender, address]) =>
        addresses.maySendToGroup(record, { account: sender, address }),
      );
      return (await Promise.all(all)).map((one) => (one === 'yes' ? 'y' : 'n')).join('');
    };
    expect(await verdicts({ senders: { kind: 'anybody' } })).toBe('yyyyyyy');
    expect(await verdicts({ senders: { kind: 'accounts' } })).toBe('yyynnnn');
    expect(await verdicts({ senders: { kind: 'members' } })).toBe('yynynnn');
    const named = [of(clara), within(inner), at('stranger@example.net')];
    expect(await verdicts({ senders: { kind: 'named', named } })).toBe('nyynynn');
    const self = await group('self', { members: [of(clara)] });
    const senderSelf = {
      kind: 'named',
      named: [{ kind: 'group', id: self.id }],
    } as const;
    const verdict = addresses.maySendToGroup(
      { ...self, senders: senderSelf },
      { account: clara, address: clara.address },
    );
    expect(await verdict).toBe('yes');
  });

  test('says that the directory is away', async () => {
    const anna = await account('anna');
    const record = createGroup('all', {
      members: [within(createGroup('inner'))],
      senders: { kind: 'members' },
    });
    await driver.close();
    const sender = { account: anna, address: anna.address };
    expect(await addresses.maySendToGroup(record, sender)).toBe('unavailable');
  });
});
