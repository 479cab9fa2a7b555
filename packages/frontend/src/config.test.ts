import { describeConfig } from '@homeward/service';
import { describe, expect, it } from 'vitest';
import { FRONT_END_CONFIG } from './config.ts';
import { createTestConfig, LEAST_CONFIG } from './testing/test-config.ts';

describe('FRONT_END_CONFIG', () => {
  const behind = (trustedNetworks: readonly string[]): object => ({
    port: 993,
    proxyProtocol: { mode: 'required', trustedNetworks },
  });

  it('has everything off that is not turned on', () => {
    const { imap, pop3, ops } = createTestConfig();
    expect(imap.listeners).toEqual([
      {
        host: '127.0.0.1',
        port: 0,
        tls: 'implicit',
        proxyProtocol: { mode: 'off', trustedNetworks: [], headerLimitSeconds: 3 },
      },
    ]);
    expect(pop3.listeners).toEqual([]);
    expect(ops.enabled).toBe(false);
  });

  const ACCEPTED: readonly [string, object][] = [
    ['an embedded directory', { directory: { driver: 'embedded', path: 'directory.db' } }],
    ['POP3 alone', { imap: {}, pop3: { listeners: [{ port: 110, tls: 'starttls' }] } }],
    ['more workers', { workers: 4, imap: { listeners: [{ port: 993 }] } }],
    ['a load balancer', { imap: { listeners: [behind(['10.0.0.0/8'])] } }],
    ['a limit', { connectionLimits: { perUser: 2 } }],
  ];
  it.each(ACCEPTED)('takes %s', (_claim, part) => {
    expect(FRONT_END_CONFIG.safeParse({ ...LEAST_CONFIG, ...part }).error).toBeUndefined();
  });

  const REJECTED: readonly [string, object][] = [
    ['no listener at all', { imap: {} }],
    ['a port that is none', { imap: { listeners: [{ port: 65_536 }] } }],
    ['chosen ports for several workers', { workers: 2 }],
    ['a load balancer without an address', { imap: { listeners: [behind([])] } }],
    ['everybody as load balancer', { imap: { listeners: [behind(['0.0.0.0/0'])] } }],
    ['no certificate', { tls: { certificates: [] } }],
    ['no worker', { workers: 0 }],
    ['a misspelt name', { listener: {} }],
    ['a misspelt limit', { connectionLimits: { perPerson: 2 } }],
    ['a name that would break a log', { name: 'Front End' }],
  ];
  it.each(REJECTED)('refuses %s', (_claim, part) => {
    expect(FRONT_END_CONFIG.safeParse({ ...LEAST_CONFIG, ...part }).success).toBe(false);
  });

  it('says what Exchange calls a setting', () => {
    const names = new Map(
      describeConfig(FRONT_END_CONFIG).map(({ key, exchangeName }) => [key, exchangeName]),
    );
    expect(names.get('imap.loginType')).toBe('LoginType');
    expect(names.get('connectionLimits.perUser')).toBe('MaxConnectionsPerUser');
    expect(names.get('pop3.maxCommandBytes')).toBe('MaxCommandSize');
  });
});
