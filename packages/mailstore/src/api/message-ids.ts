/** What identifies messages and states, and cannot be taken for one another. */

declare const brand: unique symbol;
type Branded<Base, Name> = Base & { readonly [brand]: Name };

/** Identifies a message in its folder; 1 to 2^32-1, ascending, never reused. */
export type Uid = Branded<number, 'Uid'>;

/** Identity of a folder's UID space; 1 to 2^32-1, unique in its mailbox for ever. */
export type UidValidity = Branded<number, 'UidValidity'>;

/** Modification sequence, one count for the whole mailbox; 1 to 2^53-1. */
export type ModSeq = Branded<number, 'ModSeq'>;
