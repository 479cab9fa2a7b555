import { describe, expect, test } from 'vitest';
import { networkOf, parseNetwork, TrustedNetworks } from './trusted-networks.ts';

describe('parseNetwork()', () => {
  test.each([
    ['10.0.0.0/8', { address: '10.0.0.0', prefixBits: 8, family: 'ipv4' }],
    ['192.0.2.128/25', { address: '192.0.2.128', prefixBits: 25, family: 'ipv4' }],
    ['192.0.2.7', { address: '192.0.2.7', prefixBits: 32, family: 'ipv4' }],
    ['192.0.2.7/32', { address: '192.0.2.7', prefixBits: 32, family: 'ipv4' }],
    ['2001:db8::/32', { address: '2001:db8::', prefixBits: 32, family: 'ipv6' }],
    ['2001:DB8:0::/33', { address: '2001:db8::', prefixBits: 33, family: 'ipv6' }],
    ['::1', { address: '::1', prefixBits: 128, family: 'ipv6' }],
    ['::/64', { address: '::', prefixBits: 64, family: 'ipv6' }],
    ['::ffff:10.0.0.0/104', { address: '10.0.0.0', prefixBits: 8, family: 'ipv4' }],
    ['::ffff:127.0.0.1', { address: '127.0.0.1', prefixBits: 32, family: 'ipv4' }],
    ['0:0:0:0:0:FFFF:7f00:1/128', { address: '127.0.0.1', prefixBits: 32, family: 'ipv4' }],
  ])('reads %s', (text, network) => {
    expect(parseNetwork(text)).toEqual({ ok: true, network });
  });

  test.each([
    ['', 'not-an-address', undefined],
    ['localhost', 'not-an-address', undefined],
    ['10.0.0/8', 'not-an-address', undefined],
    ['fe80::1%eth0/64', 'not-an-address', undefined],
    ['10.0.0.0/33', 'bad-prefix', undefined],
    ['10.0.0.0/', 'bad-prefix', undefined],
    ['10.0.0.0/08', 'bad-prefix', undefined],
    ['10.0.0.0/255.0.0.0', 'bad-prefix', undefined],
    ['10.0.0.0/8/8', 'bad-prefix', undefined],
    ['2001:db8::/129', 'bad-prefix', undefined],
    ['10.1.2.3/8', 'bits-behind-prefix', '10.0.0.0/8'],
    ['2001:db8::1/64', 'bits-behind-prefix', '2001:db8::/64'],
    ['::ffff:10.1.2.3/104', 'bits-behind-prefix', '10.0.0.0/8'],
    ['::ffff:10.0.0.0/80', 'bits-behind-prefix', '::/80'],
    ['::ffff:10.0.0.0/129', 'bad-prefix', undefined],
    ['::ffff:0:0/96', 'everybody', undefined],
    ['::ffff:0.0.0.0/96', 'everybody', undefined],
    ['0.0.0.0/0', 'everybody', undefined],
    ['::/0', 'everybody', undefined],
  ])('refuses %j: %s', (text, reason, suggestion) => {
    expect(parseNetwork(text)).toEqual({ ok: false, reason, suggestion });
  });
});

test.each([
  ['10.255.255.255', true],
  ['11.0.0.0', false],
  ['192.0.2.7', true],
  ['192.0.2.8', false],
  ['2001:db8:ffff::1', true],
  ['2001:db9::1', false],
  ['::1', false],
  ['', false],
  ['nonsense', false],
])('TrustedNetworks has %j: %s', (address, expected) => {
  const networks = new TrustedNetworks(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32']);
  expect(networks.has(address)).toBe(expected);
});

test.each([
  ['::/64', '127.0.0.1', false],
  ['::/64', '::ffff:127.0.0.1', false],
  ['::/64', '::ffff:7f00:1', false],
  ['::/64', '::1', true],
  ['::/1', '192.0.2.7', false],
  ['::/1', '2001:db8::1', true],
  ['192.0.2.0/24', '::ffff:192.0.2.7', true],
  ['192.0.2.0/24', '0:0:0:0:0:FFFF:c000:207', true],
  ['::ffff:192.0.2.0/120', '192.0.2.7', true],
  ['::ffff:192.0.2.0/120', '192.0.3.7', false],
  ['fe80::/10', 'fe80::1%eth0', true],
])('TrustedNetworks of %j has %j: %s', (network, address, expected) => {
  expect(new TrustedNetworks([network]).has(address)).toBe(expected);
});

test('TrustedNetworks throws on what is no network', () => {
  expect(() => new TrustedNetworks(['0.0.0.0/0'])).toThrow(TypeError);
});

describe('networkOf()', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7/32', '192.0.2.0/24'],
    ['::ffff:192.0.2.7', '192.0.2.7/32', '192.0.2.0/24'],
    ['::FFFF:c000:207', '192.0.2.7/32', '192.0.2.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8:1::/48'],
    ['2001:DB8:1:2::', '2001:db8:1:2::/64', '2001:db8:1::/48'],
    ['fe80::1%eth0', 'fe80::/64', 'fe80::/48'],
    ['', '', ''],
    ['nonsense', 'nonsense', 'nonsense'],
  ])('counts %j for %j', (address, narrow, wide) => {
    expect(networkOf(address, { ipv4: 32, ipv6: 64 })).toBe(narrow);
    expect(networkOf(address, { ipv4: 24, ipv6: 48 })).toBe(wide);
  });
});
