/** The directory: accounts, sites, keys, settings and live sessions. */
export * from './ports.ts';
