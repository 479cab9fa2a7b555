/** Who lives in the demo: the same people at every start, with new passwords. */
import type { AccountKind } from '@homeward/directory';

export const DEMO_DOMAIN = 'homeward.test';

/** A person or another account that the demo is to have. */
export interface DemoPerson {
  /** In the env file: `USER1`, or `GUEST_USER` without the `_USER`. */
  readonly role: string;
  /** Before the @, and a login name by itself. */
  readonly alias: string;
  readonly displayName: string;
  readonly kind: AccountKind;
}

const NAMES: readonly (readonly [alias: string, name: string])[] = [
  ['anna', 'Anna Lindqvist'],
  ['brendan', 'Brendan O’Sullivan'],
  ['chiara', 'Chiara Conti'],
  ['davit', 'Davit Beridze'],
  ['emeka', 'Emeka Obi'],
  ['fatima', 'Fatima Zahra'],
  ['goran', 'Goran Kovač'],
  ['hana', 'Hana Satō'],
  ['ilse', 'Ilse de Vries'],
  ['joao', 'João Ferreira'],
  ['keira', 'Keira Walsh'],
  ['lars', 'Lars Halvorsen'],
  ['mina', 'Mina Park'],
  ['nora', 'Nóra Kiss'],
  ['oskar', 'Oskar Nowak'],
  ['priya', 'Priya Raman'],
];

const OTHERS: readonly DemoPerson[] = [
  { role: 'SHARED', alias: 'frontdesk', displayName: 'Front Desk', kind: 'shared' },
  {
    role: 'ADMINISTRATOR',
    alias: 'administrator',
    displayName: 'Administrator',
    kind: 'administrator',
  },
  { role: 'GUEST', alias: 'guest', displayName: 'Guest', kind: 'guest' },
  { role: 'ANONYMOUS', alias: 'anonymous', displayName: 'Anonymous', kind: 'anonymous' },
];

/** So many people and, after them, the accounts that are always there. */
export function listDemoPeople(accountCount: number): readonly DemoPerson[] {
  const people = Array.from({ length: accountCount }, (_, index): DemoPerson => {
    const [alias = '', displayName = ''] = NAMES[index % NAMES.length] ?? [];
    const round = Math.floor(index / NAMES.length) + 1;
    const suffix = round === 1 ? '' : String(round);
    return {
      role: `USER${index + 1}`,
      alias: `${alias}${suffix}`,
      displayName: suffix === '' ? displayName : `${displayName} ${suffix}`,
      kind: 'user',
    };
  });
  return [...people, ...OTHERS];
}
