/** For tests: what a reader makes of octets, however they are cut. */
import type { CommandEvent, CommandReaderLimits } from '../command-reader.ts';
import { createCommandReader } from '../create-command-reader.ts';

/** An event, or a message's octets joined as Latin-1. */
export type SeenEvent =
  | Exclude<CommandEvent, { readonly kind: 'need-more' | 'message-octets' }>
  | { readonly kind: 'message'; readonly octets: string };

export const TEST_LIMITS: CommandReaderLimits = { commandBytes: 8192, messageBytes: 65_536 };

/** Reads all events of `chunks`; messages are accepted. */
export function readEvents(
  chunks: readonly (string | Uint8Array)[],
  limits: CommandReaderLimits = TEST_LIMITS,
): readonly SeenEvent[] {
  const reader = createCommandReader(limits);
  const seen: SeenEvent[] = [];
  for (const chunk of chunks) {
    reader.push(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk);
    for (let event = reader.next(); event.kind !== 'need-more'; event = reader.next()) {
      note(seen, event);
      if (event.kind === 'append-literal') reader.acceptMessage();
    }
  }
  return seen;
}

function note(
  seen: SeenEvent[],
  event: Exclude<CommandEvent, { readonly kind: 'need-more' }>,
): void {
  if (event.kind !== 'message-octets') {
    seen.push(event);
    return;
  }
  const last = seen.at(-1);
  const before = last?.kind === 'message' ? last.octets : '';
  if (last?.kind === 'message') seen.pop();
  seen.push({ kind: 'message', octets: before + Buffer.from(event.octets).toString('latin1') });
}

/** Cuts text into single octets. */
export function octetByOctet(text: string): readonly string[] {
  return text.split('');
}
