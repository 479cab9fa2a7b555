import { normaliseLoginName } from '@homeward/directory';
import { describe, expect, it } from 'vitest';
import { listDemoPeople } from './demo-people.ts';
import { createReadablePassword } from './readable-password.ts';

describe('listDemoPeople()', () => {
  it('has as many people as asked for, and the others', () => {
    const roles = listDemoPeople(2).map(({ role }) => role);
    expect(roles).toEqual(['USER1', 'USER2', 'SHARED', 'ADMINISTRATOR', 'GUEST', 'ANONYMOUS']);
  });

  it('never gives a name twice, and only names that can log in', () => {
    const aliases = listDemoPeople(100).map(({ alias }) => alias);
    expect(new Set(aliases).size).toBe(aliases.length);
    for (const alias of aliases) expect(normaliseLoginName(alias)).toBe(alias);
  });
});

describe('createReadablePassword()', () => {
  it('reaches from the first word to the last', () => {
    expect(createReadablePassword(() => 0)).toBe('amber-amber-amber-amber-10');
    expect(createReadablePassword((limit) => limit - 1)).toBe('pine-pine-pine-pine-99');
  });
});
