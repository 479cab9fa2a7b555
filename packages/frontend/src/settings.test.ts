import { describe, expect, it } from 'vitest';
import { LIVE_SETTINGS, overrideSettings, SETTING_FORMS } from './settings.ts';
import { z } from 'zod';

const DEFAULTS = z.strictObject(SETTING_FORMS).parse({});

describe('SETTING_FORMS', () => {
  it("has Exchange's defaults", () => {
    expect(DEFAULTS).toMatchObject({
      imap: { enabled: true, loginType: 'SecureLogin', maxCommandBytes: 10_240 },
      pop3: { enabled: true, loginType: 'SecureLogin', maxCommandBytes: 512 },
      connectionLimits: { perUser: 16, perAddress: 2_147_483_647, total: 2_147_483_647 },
      preAuthenticatedConnectionTimeout: 60_000,
      authenticatedConnectionTimeout: 1_800_000,
    });
  });
});

describe('overrideSettings()', () => {
  const ACCEPTED: readonly [string, unknown, object][] = [
    ['imap.loginType', 'PlainTextLogin', { imap: { loginType: 'PlainTextLogin' } }],
    ['pop3.enabled', false, { pop3: { enabled: false } }],
    ['pop3.banner', 'Hello', { pop3: { banner: 'Hello' } }],
    ['imap.maxCommandBytes', 1024, { imap: { maxCommandBytes: 1024 } }],
    ['connectionLimits.perUser', 3, { connectionLimits: { perUser: 3 } }],
    ['preAuthenticatedConnectionTimeout', '30 s', { preAuthenticatedConnectionTimeout: 30_000 }],
    ['authenticatedConnectionTimeout', '00:45:00', { authenticatedConnectionTimeout: 2_700_000 }],
    ['authenticatedConnectionTimeout', '1 h', { authenticatedConnectionTimeout: 3_600_000 }],
  ];
  it.each(ACCEPTED)('takes %s = %j', (name, value, expected) => {
    const { values, problems } = overrideSettings(DEFAULTS, { [name]: value });
    expect(problems).toEqual([]);
    expect(values).toMatchObject(expected);
  });

  const REJECTED: readonly [string, unknown][] = [
    ['imap.loginType', 'Whatever'],
    ['imap.banner', 'two\r\n* lines'],
    ['imap.banner', ''],
    ['pop3.enabled', 'yes'],
    ['imap.maxCommandBytes', 1023],
    ['pop3.maxCommandBytes', 1025],
    ['connectionLimits.perUser', 0],
    ['connectionLimits.perUser', 1.5],
    ['preAuthenticatedConnectionTimeout', '29 s'],
    ['preAuthenticatedConnectionTimeout', 60],
    ['authenticatedConnectionTimeout', '61 min'],
    ['authenticatedConnectionTimeout', 'soon'],
    ['authenticatedConnectionTimeout', '5 parsecs'],
  ];
  it.each(REJECTED)('names %s = %j and keeps what was', (name, value) => {
    const { values, problems } = overrideSettings(DEFAULTS, { [name]: value });
    expect(problems.map((problem) => problem.name)).toEqual([name]);
    expect(values).toEqual(DEFAULTS);
  });

  it('leaves the names of others alone', () => {
    const { values, problems } = overrideSettings(DEFAULTS, { 'smtp.banner': 3, constructor: 1 });
    expect(problems).toEqual([]);
    expect(values).toEqual(DEFAULTS);
  });

  it('knows every setting by its dotted name', () => {
    expect([...LIVE_SETTINGS.keys()]).toEqual([
      'imap.enabled',
      'imap.loginType',
      'imap.banner',
      'imap.maxCommandBytes',
      'pop3.enabled',
      'pop3.loginType',
      'pop3.banner',
      'pop3.maxCommandBytes',
      'connectionLimits.perUser',
      'connectionLimits.perAddress',
      'connectionLimits.total',
      'preAuthenticatedConnectionTimeout',
      'authenticatedConnectionTimeout',
    ]);
  });
});
