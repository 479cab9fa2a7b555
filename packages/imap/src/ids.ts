/** Branded numbers of IMAP (RFC 3501 §2.3.1): a UID and a sequence number never mix. */

declare const brand: unique symbol;
type Branded<Base, Name> = Base & { readonly [brand]: Name };

/** Unique identifier of a message in a folder; 1 to 2^32-1, ascending, never reused. */
export type Uid = Branded<number, 'Uid'>;
/** Position of a message in a session's view of a folder; 1 to the number of messages. */
export type SequenceNumber = Branded<number, 'SequenceNumber'>;
/** Identity of a folder's UID space; 1 to 2^32-1. */
export type UidValidity = Branded<number, 'UidValidity'>;
/** Modification sequence (RFC 7162 §3.1); 1 to 2^53-1 here, so that a number holds it. */
export type ModSeq = Branded<number, 'ModSeq'>;
