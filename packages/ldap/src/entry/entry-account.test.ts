import { describe, expect, test } from 'vitest';
import { LDAP_PRESETS } from '../settings/presets.ts';
import { readEntryFields } from './entry-account.ts';
import { type LdapEntry, readEntry } from './ldap-entry.ts';

const { attributes: OPEN } = LDAP_PRESETS.inetOrgPerson;
const { attributes: AD } = LDAP_PRESETS.activeDirectory;
const ENTRY = { dn: 'uid=anna', entryUUID: 'u-1', mail: 'Anna@Example.org', uid: 'anna' };

/** Version, number of parts, authority 5, then 21-1-2-3 and the last number. */
function sid(last: number): Buffer {
  const octets = Buffer.from('0105000000000005150000000100000002000000030000000000ffff', 'hex');
  octets.writeUInt32LE(last, octets.length - 4);
  return octets;
}

describe('readEntry()', () => {
  test('reads names in any case, one value or several', () => {
    const entry = readEntry({ ...ENTRY, MAIL: [], UID: ['anna', 'a.larsson'] }, OPEN);
    expect(entry).toMatchObject({ id: 'u-1', address: 'anna@example.org', isEnabled: true });
  });

  test.each([
    ['512', true],
    ['514', false],
    ['66050', false],
    ['66048', true],
  ])('reads userAccountControl %s as enabled: %s (MS-ADTS §2.2.16)', (value, isEnabled) => {
    expect(readEntry({ dn: 'x', userAccountControl: value }, AD).isEnabled).toBe(isEnabled);
  });

  test.each([
    ['TRUE', true],
    ['FALSE', false],
    ['no', false],
    ['active', true],
    ['Inactive', false],
  ])('reads a switch of %s as %s', (value, isEnabled) => {
    const names = { ...OPEN, enabled: 'mailActive' };
    expect(readEntry({ dn: 'x', mailActive: value }, names).isEnabled).toBe(isEnabled);
  });

  test.each([
    [500, 'administrator'],
    [501, 'guest'],
    [1104, undefined],
  ])('takes the account with the last number %d for: %s', (last, kind) => {
    expect(readEntry({ dn: 'x', objectSid: sid(last) }, AD).kind).toBe(kind);
  });

  test('takes addresses of proxyAddresses alone, and a GUID by its octets', () => {
    const entry = readEntry(
      {
        dn: 'x',
        objectGUID: Buffer.from([0, 255, 16, 8]),
        proxyAddresses: ['SMTP:a@x.org', 'smtp:b@x.org', 'X500:/o=x', 'sip:a@x.org'],
      },
      AD,
    );
    expect(entry).toMatchObject({ id: '00ff1008', names: ['a@x.org', 'b@x.org'] });
  });
});

describe('readEntryFields()', () => {
  const read = (entry: Partial<LdapEntry>, domain = ''): ReturnType<typeof readEntryFields> =>
    readEntryFields({ ...readEntry(ENTRY, OPEN), ...entry }, domain);

  test('makes domain\\user of plain names, and leaves out what is no login name', () => {
    expect(read({ names: ['Anna', 'a@x.org', 'corp\\b\\c@d', '"quoted"'] }, 'CORP')).toMatchObject({
      ok: true,
      fields: { names: ['anna@example.org', 'anna', 'a@x.org', 'corp\\anna'] },
    });
  });

  test.each<[string, Partial<LdapEntry>]>([
    ['without an id', { id: '' }],
    ['without an address', { address: undefined }],
    ['whose address is none', { address: 'anna@' }],
    ['of a kind that there is not', { kind: 'robot' }],
  ])('refuses an entry %s', (_what, entry) => {
    expect(read(entry)).toMatchObject({ ok: false });
  });

  test('keeps at most as many names as an account may have', () => {
    const names = Array.from({ length: 200 }, (_, index) => `name${index}`);
    const outcome = read({ names });
    expect(outcome.ok && outcome.fields.names).toHaveLength(64);
  });
});
