import { describe, expect, it } from 'vitest';
import { overrideSettings } from './settings.ts';
import { createTestConfig } from './testing/test-config.ts';

const CONFIGURED = createTestConfig();
const DEFAULTS = overrideSettings(CONFIGURED, {}).values;

describe('overrideSettings()', () => {
  it('leaves all as configured when there is nothing to override', () => {
    expect(DEFAULTS).toMatchObject({
      imap: { enabled: true, loginType: 'SecureLogin', maxCommandBytes: 10_240 },
      pop3: { enabled: true, loginType: 'SecureLogin', maxCommandBytes: 512 },
      connectionLimits: {
        perUser: 16,
        perAddress: 2_147_483_647,
        total: 2_147_483_647,
        exemptNetworks: [],
      },
      idleLimits: { preAuthenticatedSeconds: 60, authenticatedSeconds: 1800 },
    });
  });

  const ACCEPTED: readonly [string, unknown, object][] = [
    ['imap.loginType', 'PlainTextLogin', { imap: { loginType: 'PlainTextLogin' } }],
    ['pop3.enabled', false, { pop3: { enabled: false } }],
    ['pop3.banner', 'Hello', { pop3: { banner: 'Hello' } }],
    ['imap.maxCommandBytes', 1024, { imap: { maxCommandBytes: 1024 } }],
    ['connectionLimits.perUser', 3, { connectionLimits: { perUser: 3 } }],
    ['idleLimits.authenticatedSeconds', 60, { idleLimits: { authenticatedSeconds: 60 } }],
  ];
  it.each(ACCEPTED)('takes %s = %j', (name, value, expected) => {
    const { values, problems } = overrideSettings(CONFIGURED, { [name]: value });
    expect(problems).toEqual([]);
    expect(values).toMatchObject(expected);
  });

  it('takes several of one section', () => {
    const document = { 'imap.enabled': false, 'imap.banner': 'Hi' };
    expect(overrideSettings(CONFIGURED, document).values.imap).toMatchObject({
      enabled: false,
      banner: 'Hi',
      loginType: 'SecureLogin',
    });
  });

  const REJECTED: readonly [string, unknown][] = [
    ['imap.loginType', 'Whatever'],
    ['imap.banner', 'two\r\n* lines'],
    ['pop3.banner', 'looks <like@apop>'],
    ['imap.banner', ''],
    ['pop3.enabled', 'yes'],
    ['imap.maxCommandBytes', 1023],
    ['pop3.maxCommandBytes', 1025],
    ['connectionLimits.perUser', 0],
    ['connectionLimits.perUser', 1.5],
    ['connectionLimits.perUser', null],
    ['idleLimits.authenticatedSeconds', 'soon'],
  ];
  it.each(REJECTED)('names %s = %j and keeps what was', (name, value) => {
    const { values, problems } = overrideSettings(CONFIGURED, { [name]: value });
    expect(problems.map((problem) => problem.name)).toEqual([name]);
    expect(values).toEqual(DEFAULTS);
  });

  it.each(['smtp.banner', 'constructor', 'imap.constructor', 'imap', 'imap.listeners', 'imap.a.b'])(
    'leaves %s alone: it is not ours',
    (name) => {
      const { values, problems } = overrideSettings(CONFIGURED, { [name]: 3 });
      expect(problems).toEqual([]);
      expect(values).toEqual(DEFAULTS);
    },
  );
});
