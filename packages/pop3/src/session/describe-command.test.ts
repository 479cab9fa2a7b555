import { describe, expect, it } from 'vitest';
import type { Pop3Command } from '../grammar/command.ts';
import { describeArguments } from './describe-command.ts';

describe('describeArguments()', () => {
  it.each<[Pop3Command, string]>([
    [{ name: 'STAT' }, ''],
    [{ name: 'LIST', message: undefined }, ''],
    [{ name: 'UIDL', message: 7 }, '7'],
    [{ name: 'RETR', message: 3 }, '3'],
    [{ name: 'TOP', message: 3, lineCount: 0 }, '3 0'],
    [{ name: 'USER', loginName: 'anna' }, 'anna'],
    [{ name: 'PASS', password: Buffer.from('secret') }, '*****'],
    [{ name: 'AUTH', mechanism: 'PLAIN', initialResponse: 'c2VjcmV0' }, 'PLAIN *****'],
    [{ name: 'AUTH', mechanism: undefined, initialResponse: undefined }, ''],
  ])('%j: %s', (command, described) => expect(describeArguments(command)).toBe(described));
});
