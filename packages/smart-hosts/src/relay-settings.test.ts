import { expect, test } from 'vitest';
import { findRelayProblem, portOf, relaySchema, type SmartHostSettings } from './relay-settings.ts';

const host = (changes: object = {}): object => ({ host: 'mx.example.net', ...changes });
const parse = (...smartHosts: readonly object[]): ReturnType<typeof relaySchema.parse> =>
  relaySchema.parse({ smartHosts });

test('relaySchema makes all keys out of nothing, and there is no host', () => {
  expect(relaySchema.parse({})).toMatchObject({ smartHosts: [], recipientsPerMessage: 100 });
});

test.each<[object, number]>([
  [{}, 587],
  [{ tls: 'implicit' }, 465],
  [{ tls: 'off' }, 587],
  [{ port: 25 }, 25],
])('portOf() a host with %j', (changes, port) => {
  expect(portOf(parse(host(changes)).smartHosts[0] as SmartHostSettings)).toBe(port);
});

test.each<[object]>([
  [{}],
  [{ host: '192.0.2.1' }],
  [{ host: '2001:db8::1', tls: 'off' }],
  [{ user: 'relay', passwordFile: '/secret' }],
])('findRelayProblem() finds nothing wrong with %j', (changes) => {
  expect(findRelayProblem(parse(host(changes)))).toBeUndefined();
});

test.each<[object, RegExp]>([
  [{ user: 'relay' }, /smartHosts\[1\]\.passwordFile/u],
  [{ user: 'relay', passwordFile: '/secret', tls: 'off' }, /smartHosts\[1\]\.user/u],
  [{ tls: 'off', caFile: '/ca' }, /smartHosts\[1\]\.tls/u],
])('findRelayProblem() names what is wrong with %j', (changes, problem) => {
  expect(findRelayProblem(parse(host(), host(changes)))).toMatch(problem);
});

test.each([
  { smartHosts: [{}] },
  { smartHosts: [host({ host: 'a b' })] },
  { smartHosts: [host({ host: '-x.example' })] },
  { smartHosts: [host({ port: 0 })] },
  { smartHosts: [host({ tls: 'maybe' })] },
  { smartHosts: [host({ serverName: '192.0.2.1' })] },
  { smartHosts: [host({ pins: ['abc'] })] },
  { smartHosts: [host({ password: 'x' })] },
  { smartHosts: Array.from({ length: 9 }, () => host()) },
  { name: 'a b' },
  { recipientsPerMessage: 0 },
])('relaySchema refuses %j', (value) => {
  expect(relaySchema.safeParse(value).success).toBe(false);
});
