/** For tests: APPEND and REPLACE as a client would write them, and what a reader makes of them. */
import { formatInternalDate } from '../responses/dates.ts';
import { formatFlagList } from '../responses/flags.ts';
import type { ArbitraryAppend, ArbitraryMessage } from './arbitrary-command.ts';
import { formatCommand } from './format-command.ts';
import type { SeenEvent } from './read-events.ts';

/** Everything but the tag and the last CRLF, as Latin-1. */
export function formatAppend(
  { command, messages }: ArbitraryAppend,
  isSynchronizing: boolean,
): string {
  const plus = isSynchronizing ? '' : '+';
  const texts = messages.map((message) => {
    const marker = `{${message.octets.length}${plus}}`;
    return `${[...optionWords(message), marker].join(' ')}\r\n${message.octets}`;
  });
  return [formatCommand(command), ...texts].join(' ');
}

function optionWords({ flags, internalDate }: ArbitraryMessage): readonly string[] {
  const date = internalDate === undefined ? [] : [formatInternalDate(internalDate)];
  return [formatFlagList(flags), ...date];
}

/** The events of that text behind the tag "t1", if everything is accepted. */
export function appendEvents(
  { command, messages }: ArbitraryAppend,
  isSynchronizing: boolean,
): readonly SeenEvent[] {
  const events: SeenEvent[] = [];
  const end = { step: 'message-end' } as const;
  for (const { flags, internalDate, octets } of messages) {
    const options = { flags, internalDate, isUtf8: false, isCatenated: false };
    const start = { step: 'message-start', options } as const;
    const steps = events.length === 0 ? [start] : [end, start];
    const sizeBytes = octets.length;
    events.push({ kind: 'append-literal', tag: 't1', command, steps, sizeBytes, isSynchronizing });
    if (octets !== '') events.push({ kind: 'message', octets });
  }
  return [...events, { kind: 'append-end', tag: 't1', command, steps: [end] }];
}
