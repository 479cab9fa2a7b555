import { describe, expect, test } from 'vitest';
import { DomainTable, isAcceptedDomainPattern } from './accepted-domains.ts';
import { mailAddressSchema } from './mail-address-settings.ts';

describe('DomainTable', () => {
  const table = new DomainTable({
    'Example.org': 'authoritative',
    '*.example.org': 'internal-relay',
    'deep.sub.example.org': 'authoritative',
    'münchen.example': 'authoritative',
  });

  test.each<[string, string | undefined]>([
    ['example.org', 'authoritative'],
    ['sub.example.org', 'internal-relay'],
    ['a.b.example.org', 'internal-relay'],
    ['deep.sub.example.org', 'authoritative'],
    ['xn--mnchen-3ya.example', 'authoritative'],
    ['badexample.org', undefined],
    ['example.org.evil.example', undefined],
    ['org', undefined],
    ['toString', undefined],
  ])('%s is %s', (domain, kind) => {
    expect(table.kindOf(domain)).toBe(kind);
  });

  test('without any, everything is relayed', () => {
    expect(new DomainTable({}).kindOf('example.net')).toBe('internal-relay');
    expect(new DomainTable({ '*': 'authoritative' }).kindOf('example.net')).toBe('authoritative');
  });

  test('authoritative() has those that are named', () => {
    expect(table.authoritative()).toEqual([
      'example.org',
      'deep.sub.example.org',
      'xn--mnchen-3ya.example',
    ]);
  });
});

describe('the settings', () => {
  test.each(['example.org', '*.example.org', '*', 'münchen.example', 'localhost'])(
    'take %s for a domain',
    (text) => {
      expect(isAcceptedDomainPattern(text)).toBe(true);
    },
  );

  test.each(['', '**', '*example.org', 'a.*.org', 'exa mple.org', '-a.org', 'a..org', 'a@b.org'])(
    'refuse %s',
    (text) => {
      expect(isAcceptedDomainPattern(text)).toBe(false);
    },
  );

  test('default to no domains and "+", and take one separator at most', () => {
    expect(mailAddressSchema.parse(undefined)).toEqual({
      acceptedDomains: {},
      detailSeparator: '+',
    });
    const isGood = (value: unknown): boolean => mailAddressSchema.safeParse(value).success;
    for (const detailSeparator of ['', '-', '=']) expect(isGood({ detailSeparator })).toBe(true);
    for (const detailSeparator of ['++', '@', 'a', ' ', '"']) {
      expect(isGood({ detailSeparator })).toBe(false);
    }
    expect(isGood({ acceptedDomains: { 'example.org': 'internal-relay' } })).toBe(true);
    expect(isGood({ acceptedDomains: { 'example.org': 'external' } })).toBe(false);
    expect(isGood({ acceptedDomains: { 'no domain': 'authoritative' } })).toBe(false);
  });
});
