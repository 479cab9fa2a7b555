/** The syntax of extended LIST (RFC 5258 §6, RFC 6154 §6, RFC 5819 §4). */
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../parse-command.ts';

function parse(line: string): unknown {
  const parsed = parseCommand(`a1 ${line}`, false);
  return parsed.kind === 'command' ? parsed.command : parsed.kind;
}

const everything = { reference: '', patterns: ['*'] };

describe('LIST', () => {
  it.each<[string, object]>([
    ['LIST () "" *', { ...everything, extended: { select: [], returns: [] } }],
    ['LIST "" (*)', { ...everything, extended: { select: [], returns: [] } }],
    ['LIST "" * RETURN ()', { ...everything, extended: { select: [], returns: [] } }],
    [
      'LIST "" ("a b" % INBOX)',
      { reference: '', patterns: ['a b', '%', 'INBOX'], extended: { select: [], returns: [] } },
    ],
    [
      'list (remote SUBSCRIBED recursivematch subscribed) "" *',
      {
        ...everything,
        extended: { select: ['remote', 'subscribed', 'recursive-match'], returns: [] },
      },
    ],
    [
      'LIST (SPECIAL-USE) "" * RETURN (SUBSCRIBED CHILDREN SPECIAL-USE)',
      {
        ...everything,
        extended: {
          select: ['special-use'],
          returns: [{ option: 'subscribed' }, { option: 'children' }, { option: 'special-use' }],
        },
      },
    ],
    [
      'LIST "" * RETURN (STATUS (MESSAGES SIZE) CHILDREN)',
      {
        ...everything,
        extended: {
          select: [],
          returns: [{ option: 'status', items: ['messages', 'size'] }, { option: 'children' }],
        },
      },
    ],
  ])('%s is read', (line, expected) => {
    expect(parse(line)).toEqual({ name: 'list', ...expected });
  });

  it.each([
    // RFC 5258 §3.1: RECURSIVEMATCH asks about nothing by itself.
    'LIST (RECURSIVEMATCH) "" *',
    'LIST (REMOTE RECURSIVEMATCH) "" *',
    // RFC 5258 §3: what is not known is refused.
    'LIST (X-NONE) "" *',
    'LIST "" * RETURN (X-NONE)',
    'LIST "" * RETURN',
    'LIST "" * RETURN SUBSCRIBED',
    'LIST "" * SUBSCRIBED',
    'LIST "" ()',
    'LIST "" (* )',
    'LIST (SUBSCRIBED)"" *',
    'LIST "" * RETURN (STATUS)',
    'LIST "" * RETURN (STATUS ())',
    'LIST "" * RETURN (STATUS (X))',
    'LIST "" * RETURN () x',
  ])('%s is refused', (line) => {
    expect(parse(line)).toBe('failed');
  });
});
