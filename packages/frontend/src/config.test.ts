import { describe, expect, it } from 'vitest';
import { FRONT_END_CONFIG } from './config.ts';

const LEAST = {
  listeners: { imaps: '0.0.0.0:993' },
  tls: { certificates: [{ certFile: 'cert.pem', keyFile: 'key.pem' }] },
  home: { caFile: 'ca.pem' },
  ticketKey: { id: 'k1', file: 'ticket.pem' },
  directory: { redis: { url: 'redis://127.0.0.1' } },
};

describe('FRONT_END_CONFIG', () => {
  it('has everything off that is not turned on', () => {
    expect(FRONT_END_CONFIG.parse(LEAST).listeners).toEqual({
      imap: [],
      imaps: [{ host: '0.0.0.0', port: 993 }],
      pop3: [],
      pop3s: [],
    });
  });

  const ACCEPTED: readonly [string, object][] = [
    ['an embedded directory', { directory: { embedded: { file: 'directory.db' } } }],
    ['several addresses', { listeners: { imap: ['0.0.0.0:143', '[::]:143'] } }],
    ['a port that the system chooses', { listeners: { pop3: '127.0.0.1:0' } }],
    ['more workers', { workers: 4 }],
    ['a limit', { connectionLimits: { perUser: 2 } }],
  ];
  it.each(ACCEPTED)('takes %s', (_claim, part) => {
    expect(FRONT_END_CONFIG.safeParse({ ...LEAST, ...part }).error).toBeUndefined();
  });

  const REJECTED: readonly [string, object][] = [
    ['no listener at all', { listeners: {} }],
    ['an address without a port', { listeners: { imap: '0.0.0.0' } }],
    ['a port that is none', { listeners: { imap: '0.0.0.0:65536' } }],
    ['chosen ports for several workers', { workers: 2, listeners: { imaps: '0.0.0.0:0' } }],
    ['no certificate', { tls: { certificates: [] } }],
    ['two directories', { directory: { redis: { url: 'x' }, embedded: { file: 'y' } } }],
    ['no worker', { workers: 0 }],
    ['a misspelt name', { listener: {} }],
    ['a misspelt limit', { connectionLimits: { perPerson: 2 } }],
    ['a name that would break a log', { name: 'Front End' }],
  ];
  it.each(REJECTED)('refuses %s', (_claim, part) => {
    expect(FRONT_END_CONFIG.safeParse({ ...LEAST, ...part }).success).toBe(false);
  });
});
