import { describe, expect, it, test } from 'vitest';
import type { AccountId, SiteName, SiteRecord } from '../ports.ts';
import { findSiteProblem } from '../shard.ts';
import type { ForeignSite, SiteHost } from './foreign-site.ts';
import { homeLoginName } from './home-login-name.ts';
import { orderHosts } from './order-hosts.ts';

const door = { hosts: [{ host: 'old.example.org', port: 993 }], tls: 'implicit' } as const;
const good: ForeignSite = {
  imap: door,
  trust: {},
  login: { kind: 'pass-through' },
  loginName: '{address}',
  clientIdentity: 'protocol',
};

function siteWith(foreign: ForeignSite): SiteRecord {
  return {
    name: 'old' as SiteName,
    serverName: '',
    workers: [],
    shardTable: { version: 1, workerOfShard: [] },
    foreign,
    version: 1,
  };
}

const master = { kind: 'master', user: 'master', secret: 'old', form: 'joined' } as const;

describe('findSiteProblem() takes a foreign site with', () => {
  test.each<[string, Partial<ForeignSite>]>([
    ['pass-through', {}],
    ['a ticket', { login: { kind: 'ticket' } }],
    ['a master user', { login: master }],
    ['another separator', { login: { ...master, separator: '%' } }],
    ['an IPv6 host', { imap: { hosts: [{ host: '2001:db8::5', port: 143 }], tls: 'none' } }],
    ['a pin', { trust: { pins: ['47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='] } }],
    ['the local part as name', { loginName: 'EXAMPLE\\{local}' }],
  ])('%s', (_what, part) => {
    expect(findSiteProblem(siteWith({ ...good, ...part }))).toBeUndefined();
  });
});

describe('findSiteProblem() refuses a foreign site with', () => {
  test.each<[string, Partial<ForeignSite>, RegExp]>([
    ['no protocol', { imap: undefined }, /no protocol/],
    ['no host', { imap: { ...door, hosts: [] } }, /0 hosts/],
    ['a port beyond', { imap: { ...door, hosts: [{ host: 'a', port: 70_000 }] } }, /a:70000/],
    ['a host of two words', { imap: { ...door, hosts: [{ host: 'a b', port: 1 }] } }, /no host/],
    ['a host twice', { imap: { ...door, hosts: [...door.hosts, ...door.hosts] } }, /twice/],
    ['a pin in hexadecimal', { trust: { pins: ['ab'.repeat(32)] } }, /no pin/],
    ['a certificate’s path', { trust: { clientCertificate: '/etc/x' } }, /no name/],
    ['a master without name', { login: { ...master, user: '' } }, /master user/],
    ['a secret in place of its name', { login: { ...master, secret: 'S3cret!' } }, /no name/],
    ['a space as separator', { login: { ...master, separator: ' ' } }, /separator/],
    ['an unknown word', { loginName: '{user}' }, /\{user\}/],
    ['one name for all', { loginName: 'everybody' }, /same for everybody/],
    ['a line end in its names', { loginName: '{local}\r\n' }, /cannot be said/],
  ])('%s', (_what, part, problem) => {
    expect(findSiteProblem(siteWith({ ...good, ...part }))).toMatch(problem);
  });

  test('workers', () => {
    const workers = [{ host: 'a', imapsPort: 1, pop3sPort: 2 }];
    expect(findSiteProblem({ ...siteWith(good), workers })).toMatch(/no workers/);
  });
});

describe('homeLoginName()', () => {
  const account = { address: 'anna@corp.example.org' };
  it('fills the template in', () => {
    const site = { loginName: '{domain}\\{local} {address}' };
    expect(homeLoginName(site, account)).toBe('corp.example.org\\anna anna@corp.example.org');
  });

  it('takes no word of the address for one of the template', () => {
    const odd = { address: '{domain}@example.org' };
    expect(homeLoginName({ loginName: '{local}' }, odd)).toBe('{domain}');
  });

  it('prefers the account’s own name for its home', () => {
    expect(homeLoginName({ loginName: '{local}' }, { ...account, homeLogin: 'a.b' })).toBe('a.b');
  });
});

describe('orderHosts()', () => {
  const hosts: readonly SiteHost[] = ['a', 'b', 'c'].map((host) => ({ host, port: 993 }));
  const accounts = Array.from({ length: 3000 }, (_, number) => `ACCOUNT${number}` as AccountId);

  it('gives each account the same order, however the hosts are listed', () => {
    for (const id of accounts.slice(0, 100)) {
      expect(orderHosts(hosts.toReversed(), id)).toEqual(orderHosts(hosts, id));
    }
  });

  it('spreads accounts evenly', () => {
    const first = accounts.map((id) => orderHosts(hosts, id)[0]?.host);
    for (const { host } of hosts) {
      const share = first.filter((one) => one === host).length;
      expect(share).toBeGreaterThan(850);
      expect(share).toBeLessThan(1150);
    }
  });

  it('moves no account between hosts that stay', () => {
    for (const id of accounts) {
      const before = orderHosts(hosts, id).filter(({ host }) => host !== 'b');
      expect(orderHosts(before, id)).toEqual(before);
    }
  });
});
