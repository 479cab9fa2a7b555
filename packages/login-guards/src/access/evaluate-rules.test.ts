import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accessRuleSchema,
  clientAccessSchema,
  type AccessRule,
  type RuleConditions,
} from './access-rule.ts';
import { compileRules, type AccessFacts } from './evaluate-rules.ts';
import { RULE_MECHANISMS, RULE_PROTOCOLS } from './rule-words.ts';

const FACTS: AccessFacts = {
  protocol: 'imap',
  address: '203.0.113.5',
  mechanism: 'PLAIN',
  hasTls: true,
  account: { names: ['anna@example.org', 'anna'], site: 'dublin' },
};
const { account: _unknown, ...CONNECTION } = FACTS;

function rule(
  action: 'allow' | 'deny',
  when: RuleConditions = {},
  unless: RuleConditions = {},
  name = 'r',
): AccessRule {
  return { name, action, when, unless };
}

function judge(rules: readonly AccessRule[], facts: Partial<AccessFacts> = {}) {
  return compileRules(rules).judge({ ...FACTS, ...facts });
}

describe('compileRules() judges', () => {
  const MATCHES: readonly [string, RuleConditions, boolean][] = [
    ['nothing asked', {}, true],
    ['its protocol', { protocols: ['pop3', 'imap'] }, true],
    ['another protocol', { protocols: ['pop3'] }, false],
    ['its network', { networks: ['198.51.100.0/24', '203.0.113.0/24'] }, true],
    ['its address', { networks: ['203.0.113.5'] }, true],
    ['another network', { networks: ['203.0.113.6', '2001:db8::/32'] }, false],
    ['its mechanism', { mechanisms: ['PLAIN'] }, true],
    ['another mechanism', { mechanisms: ['LOGIN', 'SCRAM-SHA-256'] }, false],
    ['TLS', { tls: true }, true],
    ['no TLS', { tls: false }, false],
    ['its address in full', { accounts: ['Anna@Example.ORG'] }, true],
    ['a name of it', { accounts: ['anna'] }, true],
    ['a pattern', { accounts: ['*@example.org'] }, true],
    ['a pattern inside', { accounts: ['a*@*.org'] }, true],
    ['everybody', { accounts: ['*'] }, true],
    ['a part of a name', { accounts: ['ann', '@example.org'] }, false],
    ['a dot that is a dot', { accounts: ['anna@exampleXorg', 'anna@example?org'] }, false],
    ['its site', { sites: ['oslo', 'dublin'] }, true],
    ['another site', { sites: ['oslo'] }, false],
    ['all of several', { protocols: ['imap'], tls: true, accounts: ['anna'] }, true],
    ['one of several not', { protocols: ['imap'], tls: false, accounts: ['anna'] }, false],
  ];
  it.each(MATCHES)('%s', (_what, when, applies) => {
    expect(judge([rule('deny', when)]).kind).toBe(applies ? 'deny' : 'allow');
    if (Object.keys(when).length === 1) {
      expect(judge([rule('deny', {}, when)]).kind).toBe(applies ? 'allow' : 'deny');
    }
  });

  it('any exception excepts, not all of them', () => {
    const rules = [rule('deny', {}, { protocols: ['pop3'], networks: ['203.0.113.0/24'] })];
    expect(judge(rules)).toEqual({ kind: 'allow', rule: undefined });
  });

  it('names the first rule that applies, with its place', () => {
    const rules = [
      rule('allow', { protocols: ['pop3'] }, {}, 'pop'),
      rule('allow', { networks: ['203.0.113.0/24'] }, {}, 'office'),
      rule('deny', {}, {}, 'rest'),
    ];
    expect(judge(rules)).toEqual({ kind: 'allow', rule: { name: 'office', position: 2 } });
    expect(judge(rules, { address: '192.0.2.1' })).toEqual({
      kind: 'deny',
      rule: { name: 'rest', position: 3 },
    });
  });

  it('before the look-up only what depends on nobody', () => {
    const forAnna = rule('allow', { accounts: ['anna'] }, {}, 'anna');
    const denyAll = rule('deny', {}, {}, 'all');
    const unknown = { ...CONNECTION, account: undefined };
    expect(judge([denyAll], unknown).kind).toBe('deny');
    expect(judge([forAnna, denyAll], unknown)).toEqual({ kind: 'undecided' });
    expect(judge([denyAll, forAnna], unknown).kind).toBe('deny');
    const elsewhere = rule('allow', { accounts: ['anna'], protocols: ['pop3'] }, {}, 'pop');
    expect(judge([elsewhere, denyAll], unknown).kind).toBe('deny');
    expect(judge([rule('deny', {}, { sites: ['oslo'] })], unknown)).toEqual({ kind: 'undecided' });
  });

  it('a name that nobody has by itself, and as of no site', () => {
    const nobody = { account: { names: ['ghost'], site: undefined } };
    expect(judge([rule('deny', { accounts: ['gh*'] })], nobody).kind).toBe('deny');
    expect(judge([rule('deny', { sites: ['dublin'] })], nobody).kind).toBe('allow');
  });
});

const conditions: fc.Arbitrary<RuleConditions> = fc.record(
  {
    protocols: fc.subarray([...RULE_PROTOCOLS], { minLength: 1 }),
    networks: fc.subarray(['203.0.113.0/24', '192.0.2.0/24', '2001:db8::/32'], { minLength: 1 }),
    mechanisms: fc.subarray([...RULE_MECHANISMS], { minLength: 1 }),
    tls: fc.boolean(),
    accounts: fc.array(fc.constantFrom('*', 'anna', 'a*', '*@example.org', 'bert'), {
      minLength: 1,
      maxLength: 3,
    }),
    sites: fc.subarray(['dublin', 'oslo'], { minLength: 1 }),
  },
  { requiredKeys: [] },
);
const rules: fc.Arbitrary<AccessRule[]> = fc.array(
  fc.record({
    name: fc.constantFrom('one', 'two', 'three'),
    action: fc.constantFrom('allow', 'deny'),
    when: conditions,
    unless: conditions,
  }),
  { maxLength: 6 },
);
const facts: fc.Arbitrary<AccessFacts> = fc.record({
  protocol: fc.constantFrom(...RULE_PROTOCOLS),
  address: fc.constantFrom('203.0.113.5', '192.0.2.9', '2001:db8::1', '198.51.100.1', ''),
  mechanism: fc.constantFrom(...RULE_MECHANISMS),
  hasTls: fc.boolean(),
  account: fc.record({
    names: fc.array(fc.constantFrom('anna@example.org', 'anna', 'bert'), { minLength: 1 }),
    site: fc.constantFrom('dublin', 'oslo', undefined),
  }),
});

describe('any rules', () => {
  it('decide once the account is known', () => {
    fc.assert(
      fc.property(rules, facts, (list, some) => {
        expect(judge(list, some).kind).not.toBe('undecided');
      }),
    );
  });

  it('never decide otherwise before the look-up than after it', () => {
    fc.assert(
      fc.property(rules, facts, (list, some) => {
        const before = judge(list, { ...some, account: undefined });
        if (before.kind !== 'undecided') expect(judge(list, some)).toEqual(before);
      }),
    );
  });

  it('that cannot apply change nothing, wherever they stand', () => {
    const never = rule('deny', { tls: true }, { tls: true }, 'never');
    fc.assert(
      fc.property(rules, facts, fc.nat(6), (list, some, place) => {
        const { kind } = judge(list, some);
        expect(judge(list.toSpliced(place, 0, never), some).kind).toBe(kind);
      }),
    );
  });

  it('behind one that applies to all are never asked', () => {
    fc.assert(
      fc.property(rules, facts, (list, some) => {
        const all = rule('deny', {}, {}, 'all');
        expect(judge([all, ...list], some)).toEqual({
          kind: 'deny',
          rule: { name: 'all', position: 1 },
        });
      }),
    );
  });

  it('are what their schema takes', () => {
    fc.assert(
      fc.property(rules, (list) => {
        for (const one of list) expect(accessRuleSchema.parse(one)).toEqual(one);
      }),
    );
  });
});

describe('the schema refuses', () => {
  const good = { name: 'r', action: 'deny' };
  it.each([
    ['an action of its own', { ...good, action: 'drop' }],
    ['a name with a line end', { ...good, name: 'a\nb' }],
    ['a misspelt condition', { ...good, when: { protocol: ['imap'] } }],
    ['a network that is none', { ...good, when: { networks: ['10.0.0.1/8'] } }],
    ['an empty list', { ...good, when: { networks: [] } }],
    ['a mechanism that is none', { ...good, when: { mechanisms: ['CRAM-MD5'] } }],
  ])('%s', (_what, value) => {
    expect(accessRuleSchema.safeParse(value).success).toBe(false);
  });

  it('two of one name', () => {
    const names = [good, { ...good, name: 'R' }];
    expect(clientAccessSchema.safeParse({ rules: names }).success).toBe(false);
    expect(clientAccessSchema.safeParse({ rules: [good] }).success).toBe(true);
  });
});
