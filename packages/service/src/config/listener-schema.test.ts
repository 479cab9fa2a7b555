import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { clientListenerSchema, describeConfig, formatConfigProblem, loadConfig } from './index.ts';

const schema = z.strictObject({ listeners: z.array(clientListenerSchema).default([]) });

async function load(listeners: string): ReturnType<typeof loadConfig<typeof schema>> {
  return loadConfig({ schema, file: undefined, environment: { HOMEWARD_LISTENERS: listeners } });
}

async function problemsOf(proxyProtocol: string): Promise<readonly string[]> {
  const loaded = await load(`[{ port: 993, proxyProtocol: ${proxyProtocol} }]`);
  return loaded.ok ? [] : loaded.problems.map(formatConfigProblem);
}

describe('proxyProtocolSchema', () => {
  test('is off by default', async () => {
    const loaded = await load('[{ port: 993 }]');
    expect(loaded.ok && loaded.config.listeners[0]?.proxyProtocol).toEqual({
      mode: 'off',
      trustedNetworks: [],
      headerLimitSeconds: 3,
    });
  });

  test.each([
    '{ mode: required, trustedNetworks: [10.0.0.0/8, "2001:db8::/32", 192.0.2.7] }',
    '{ mode: optional, trustedNetworks: [172.16.0.0/12], headerLimitSeconds: 10 }',
    '{ mode: off, trustedNetworks: [] }',
    '{}',
  ])('takes %s', async (text) => {
    expect(await problemsOf(text)).toEqual([]);
  });

  const networks = 'listeners[0].proxyProtocol.trustedNetworks';
  test.each([
    [
      '{ mode: required }',
      `${networks}: is empty, so that nobody’s header would be believed. Name the networks of your load balancers, or set mode to off.`,
    ],
    [
      '{ mode: required, trustedNetworks: [localhost] }',
      `${networks}[0]: is not an IP address or network. Write it like 10.0.0.0/8 or 2001:db8::/32.`,
    ],
    [
      '{ mode: required, trustedNetworks: [10.0.0.0/33] }',
      `${networks}[0]: has a prefix that is not possible. Write 0 to 32 for IPv4, to 128 for IPv6.`,
    ],
    [
      '{ mode: required, trustedNetworks: [192.0.2.0/24, 10.1.2.3/8] }',
      `${networks}[1]: has bits set behind its prefix. Did you mean 10.0.0.0/8?`,
    ],
    [
      '{ mode: optional, trustedNetworks: ["::ffff:10.1.0.0/104"] }',
      `${networks}[0]: has bits set behind its prefix. Did you mean 10.0.0.0/8?`,
    ],
    [
      '{ mode: optional, trustedNetworks: [0.0.0.0/0] }',
      `${networks}[0]: is everybody. Name the networks that you mean; of those that may say who a client is, your load balancers alone.`,
    ],
    [
      '{ mode: sometimes }',
      'listeners[0].proxyProtocol.mode: has a value that is not possible here. Write one of off, optional, required.',
    ],
    [
      '{ trusted: [10.0.0.0/8] }',
      'listeners[0].proxyProtocol.trusted: is not a known key. Known here: mode, trustedNetworks, headerLimitSeconds.',
    ],
    [
      '{ headerLimitSeconds: 0 }',
      'listeners[0].proxyProtocol.headerLimitSeconds: is too small. Write integer 1 to 60.',
    ],
  ])('refuses %s and says what to do', async (text, problem) => {
    expect(await problemsOf(text)).toEqual([`HOMEWARD_LISTENERS: ${problem}`]);
  });

  test('has help for every key', () => {
    for (const { key, help } of describeConfig(schema)) {
      if (key !== 'listeners') expect([key, help]).toEqual([key, expect.any(String)]);
    }
  });
});

describe('clientListenerSchema', () => {
  const balancer = 'mode: required, trustedNetworks: [10.0.0.0/8]';

  test('lets TLS end at a balancer that is believed', async () => {
    const loaded = await load(`[{ port: 993, tls: balancer, proxyProtocol: { ${balancer} } }]`);
    expect(loaded.ok && loaded.config.listeners[0]?.tls).toBe('balancer');
  });

  test('refuses it where nobody is', async () => {
    const loaded = await load('[{ port: 993, tls: balancer }]');
    expect(loaded.ok ? [] : loaded.problems.map(formatConfigProblem)).toEqual([
      expect.stringContaining('listeners[0].tls: is balancer, but no balancer is believed here'),
    ]);
  });
});
