/** A rule for people. */
import type { AccessRule, RuleConditions } from '@homeward/login-guards';

/** `imap, pop3 from 203.0.113.0/24; not accounts *@example.org`. */
export function describeRule({ when, unless }: AccessRule): string {
  const exceptions = describeConditions(unless);
  const conditions = describeConditions(when) || 'every login';
  return exceptions === '' ? conditions : `${conditions}; not ${exceptions}`;
}

function describeConditions(conditions: RuleConditions): string {
  const { protocols, networks, mechanisms, tls, accounts, sites } = conditions;
  const parts = [
    protocols?.join(', '),
    networks && `from ${networks.join(', ')}`,
    mechanisms && `by ${mechanisms.join(', ')}`,
    tls === undefined ? undefined : tls ? 'with TLS' : 'without TLS',
    accounts && `of ${accounts.join(', ')}`,
    sites && `at ${sites.join(', ')}`,
  ];
  return parts.filter((part) => part !== undefined).join(' ');
}
