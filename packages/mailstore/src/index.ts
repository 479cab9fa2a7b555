/** Public face of the mail store: the interfaces and the SQLite store that supplies them. */
export type * from './api.ts';
export { DEFAULT_STORE_LIMITS, openMailStore, type MailStoreOptions } from './mail-store.ts';
