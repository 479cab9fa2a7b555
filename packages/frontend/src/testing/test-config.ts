/** A configuration for tests: the least that is valid, and what a test adds to it. */
import { FRONT_END_CONFIG, type FrontEndConfig } from '../config.ts';

/** The least that a file must say. */
export const LEAST_CONFIG: Readonly<Record<string, unknown>> = {
  imap: { listeners: [{ host: '127.0.0.1', port: 0 }] },
  tls: { certificates: [{ certFile: 'cert.pem', keyFile: 'key.pem' }] },
  homes: { caFile: 'ca.pem' },
  ticket: { keyId: 'k1', keyFile: 'ticket.pem' },
  stopWindowSeconds: 0,
  draining: { commandSeconds: 1 },
  directory: { driver: 'redis', url: 'redis://127.0.0.1' },
};

/** @param sections Replace those of `LEAST_CONFIG`, as the file would say them. */
export function createTestConfig(sections: Readonly<Record<string, unknown>> = {}): FrontEndConfig {
  return FRONT_END_CONFIG.parse({ ...LEAST_CONFIG, ...sections });
}
