/** The protocols that people use, here and not from the front end, which takes long to load. */
import type { Protocol } from '@homeward/directory';

export const PROTOCOLS: readonly Protocol[] = ['imap', 'pop3', 'submission'];
