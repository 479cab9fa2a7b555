import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { OwnAddresses } from './own-addresses.ts';

describe('OwnAddresses', () => {
  const own = new OwnAddresses();
  own.add({ address: '127.0.0.1', port: 993 });
  own.add({ address: '::', port: 995 });

  test.each([
    ['127.0.0.1', 993],
    ['::ffff:127.0.0.1', 993],
    ['127.0.0.1', 995],
    ['::1', 995],
    [networkInterfaces()['lo']?.[0]?.address ?? '127.0.0.1', 995],
  ])('knows %s:%d', (address, port) => {
    expect(own.has({ address, port })).toBe(true);
  });

  test.each([
    ['127.0.0.2', 993],
    ['::1', 993],
    ['127.0.0.1', 143],
    ['192.0.2.1', 995],
    ['mail.example.org', 995],
  ])('does not take %s:%d for its own', (address, port) => {
    expect(own.has({ address, port })).toBe(false);
  });
});
