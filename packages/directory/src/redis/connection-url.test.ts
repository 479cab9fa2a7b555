import { describe, expect, test } from 'vitest';
import { parseRedisUrl } from './connection-url.ts';

describe('parseRedisUrl()', () => {
  test('reads one server', () => {
    expect(parseRedisUrl('redis://localhost')).toEqual({
      kind: 'standalone',
      nodes: [{ host: 'localhost', port: 6379 }],
      username: undefined,
      password: undefined,
      hasTls: false,
      database: 0,
      mainName: undefined,
    });
    expect(parseRedisUrl('rediss://us%40er:p%2Fw@[::1]:7000/3')).toEqual({
      kind: 'standalone',
      nodes: [{ host: '::1', port: 7000 }],
      username: 'us@er',
      password: 'p/w',
      hasTls: true,
      database: 3,
      mainName: undefined,
    });
  });

  test('reads a Sentinel group', () => {
    expect(parseRedisUrl('redis+sentinel://:pw@a,b:7/mymaster/2')).toMatchObject({
      kind: 'sentinel',
      nodes: [
        { host: 'a', port: 26379 },
        { host: 'b', port: 7 },
      ],
      username: undefined,
      password: 'pw',
      database: 2,
      mainName: 'mymaster',
    });
  });

  test('reads a Cluster', () => {
    expect(parseRedisUrl('rediss+cluster://a:1,b')).toMatchObject({
      kind: 'cluster',
      hasTls: true,
      nodes: [
        { host: 'a', port: 1 },
        { host: 'b', port: 6379 },
      ],
    });
  });

  test.each([
    '',
    'localhost:6379',
    'http://localhost',
    'redis://',
    'redis://a,b',
    'redis://a:0',
    'redis://a:70000',
    'redis://a:x',
    'redis://a/b',
    'redis://a/1/2',
    'redis://a?x=1',
    'redis+sentinel://a',
    'redis+cluster://a/1',
    'redis+other://a',
    'redis://:s3cret%@a',
    'redis://:s3cret@a:x',
  ])('refuses %j and does not repeat it', (line) => {
    expect(() => parseRedisUrl(line)).toThrow(RangeError);
    expect(() => parseRedisUrl(line)).not.toThrow(/s3cret/);
  });
});
