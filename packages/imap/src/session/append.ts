/**
 * APPEND (RFC 3501 §6.3.11) with APPENDUID (RFC 4315 §3). The message passes through from the
 * stream to the store, with the store's back-pressure, and is never gathered here.
 */
import type { StreamEnd } from '@homeward/wire';
import type { CommandEvent } from '../grammar/command-reader.ts';
import { type CommandResult, bad, no, ok } from './command-result.ts';
import type { AppendPort } from './ports.ts';
import { targetRefusalText } from './refusals.ts';
import type { SessionContext } from './session-context.ts';

type AppendStart = Extract<CommandEvent, { readonly kind: 'append-start' }>;

/** Asks the store, invites the client's octets, and streams them in. */
export async function runAppend(
  context: SessionContext,
  start: AppendStart,
): Promise<CommandResult> {
  const { command, sizeBytes } = start;
  const outcome = await context.mailbox.startAppend({
    path: command.mailbox,
    flags: command.flags,
    internalDate: command.internalDate,
    sizeBytes,
  });
  if (!outcome.ok) {
    context.reader.refuseMessage();
    return no(targetRefusalText(outcome.reason));
  }
  if (start.isSynchronizing) {
    context.writer.continuation('Send the message');
    await context.writer.flush();
  }
  context.reader.acceptMessage();
  const append = outcome.value;
  const received = await receiveMessage(context, append).catch(async (error: unknown) => {
    await append.abort();
    throw error;
  });
  if (received !== undefined) {
    await append.abort();
    return received;
  }
  const stored = await append.commit();
  if (!stored.ok) return no(targetRefusalText(stored.reason));
  const { uidValidity, uid } = stored.value;
  return ok(`[APPENDUID ${uidValidity} ${uid}] APPEND completed`);
}

/** @returns undefined once the whole message is there, or why it never will be. */
async function receiveMessage(
  context: SessionContext,
  append: AppendPort,
): Promise<CommandResult | undefined> {
  for (;;) {
    const event = context.reader.next();
    if (event.kind === 'message-end') return undefined;
    if (event.kind === 'message-octets') {
      const taken = append.write(event.octets);
      if (taken !== undefined) await taken;
    } else if (event.kind === 'need-more') {
      const input = await nextInput(context);
      if (typeof input === 'string') {
        context.finishByStream(input);
        return bad('The message did not arrive');
      }
      context.reader.push(input);
    } else {
      const text = event.kind === 'error' ? event.text : 'APPEND ends behind its message';
      return bad(text);
    }
  }
}

/** A wish to end the session waits until the message is there. */
async function nextInput(context: SessionContext): Promise<Uint8Array | StreamEnd> {
  for (;;) {
    const input = await context.gate.wait();
    if (input !== 'woken') return input;
  }
}
