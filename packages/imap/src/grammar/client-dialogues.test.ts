/**
 * What real clients send, in `fixtures/`: every line must be read as they mean it, at once and
 * octet by octet. A line that starts with "!" names what becomes of the one before it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { octetByOctet, readEvents } from './testing/read-events.ts';
import type { SeenEvent } from './testing/read-events.ts';

const folder = new URL('fixtures/', import.meta.url);
const clients = readdirSync(folder).map((file) => file.replace('.txt', ''));

interface Dialogue {
  readonly octets: string;
  /** What is expected of commands that are not simply read, by tag. */
  readonly problems: ReadonlyMap<string, string>;
}

function readDialogue(client: string): Dialogue {
  const problems = new Map<string, string>();
  const sent: string[] = [];
  for (const line of readFileSync(new URL(`${client}.txt`, folder), 'latin1').split('\n')) {
    if (!line.startsWith('!')) sent.push(line);
    else problems.set(sent.at(-1)?.split(' ', 1)[0] ?? '', line.slice(1));
  }
  return { octets: sent.join('\r\n'), problems };
}

function outcomeOf(event: SeenEvent, problems: ReadonlyMap<string, string>): string | undefined {
  if (event.kind === 'error') {
    const expected = problems.get(event.tag ?? '');
    return event.problem === expected ? undefined : `${event.tag}: ${event.text}`;
  }
  const tag = 'tag' in event ? event.tag : '';
  return problems.has(tag) ? `${tag} was expected to fail` : undefined;
}

describe.each(clients)('the dialogue of %s', (client) => {
  it('is read, and only what is not offered is refused', () => {
    const { octets, problems } = readDialogue(client);
    const events = readEvents([octets]);
    expect(events.map((event) => outcomeOf(event, problems)).filter(Boolean)).toEqual([]);
    const last = events.at(-1);
    expect(last).toMatchObject({ kind: 'command', command: { name: 'logout' } });
  });

  it('is read the same octet by octet', () => {
    const { octets } = readDialogue(client);
    expect(readEvents(octetByOctet(octets))).toEqual(readEvents([octets]));
  });
});
