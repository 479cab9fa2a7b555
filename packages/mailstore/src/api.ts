/**
 * What the mail store offers: one account's mailbox with its folders and messages, in the
 * store's own words. It knows no IMAP and no POP3; whoever serves those adapts these
 * interfaces, which are close enough to what sessions ask for that the adapters stay thin.
 *
 * Two rules hold for everything here.
 * - Published only: what an index, a listing or a listener shows, and what a promise resolves
 *   to, is durable. Nothing that a power cut could take back ever leaves the store.
 * - Steady within a turn: published state changes only between turns of the event loop, never
 *   while synchronous code of a caller runs.
 *
 * No type of the database appears here, so another kind of store can stand beside this one.
 */

export type { TextQuery } from '@homeward/text-index';
export type * from './api/flags.ts';
export type * from './api/folder.ts';
export type * from './api/folder-index.ts';
export type * from './api/mail-store.ts';
export type * from './api/mailbox.ts';
export type * from './api/maildrop.ts';
export type * from './api/message-facts.ts';
export type * from './api/message-ids.ts';
export type * from './api/message-sink.ts';
export type * from './api/outcome.ts';
export type * from './api/quota.ts';
