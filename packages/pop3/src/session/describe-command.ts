/** A command's arguments for a protocol log: what was asked for, never a secret. */
import type { Pop3Command } from '../grammar/command.ts';

const MASK = '*****';

/** The arguments as one line; empty where there are none. */
export function describeArguments(command: Pop3Command): string {
  switch (command.name) {
    case 'USER':
      return command.loginName;
    case 'PASS':
      return MASK;
    case 'AUTH':
      return command.mechanism === undefined ? '' : `${command.mechanism} ${MASK}`;
    case 'LANG':
      return command.range ?? '';
    case 'LIST':
    case 'UIDL':
      return String(command.message ?? '');
    case 'RETR':
    case 'DELE':
      return String(command.message);
    case 'TOP':
      return `${command.message} ${command.lineCount}`;
    default:
      return '';
  }
}
