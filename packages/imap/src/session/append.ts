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
  const append = await startAppend(context, start);
  if ('status' in append) {
    context.reader.refuseMessage();
    return append;
  }
  if (start.isSynchronizing) {
    context.writer.continuation('Send the message');
    await context.writer.flush();
  }
  context.reader.acceptMessage();
  const intake = new Intake(append);
  const problem = await receiveMessage(context, intake);
  if (problem !== undefined || intake.hasFailed) {
    await intake.abort();
    return problem ?? intake.raise();
  }
  const stored = await append.commit();
  if (!stored.ok) return no(targetRefusalText(stored.reason));
  const { uidValidity, uid } = stored.value;
  return ok(`[APPENDUID ${uidValidity} ${uid}] APPEND completed`);
}

/** @returns what takes the message, or why none is wanted. */
async function startAppend(
  context: SessionContext,
  { command, sizeBytes }: AppendStart,
): Promise<AppendPort | CommandResult> {
  // No message has no octets; a client that gives up sends that (RFC 3502 §6.3.11).
  if (sizeBytes === 0) return no('There is no message of no octets');
  try {
    const outcome = await context.mailbox.startAppend({
      path: command.mailbox,
      flags: command.flags,
      internalDate: command.internalDate,
      sizeBytes,
    });
    return outcome.ok ? outcome.value : no(targetRefusalText(outcome.reason));
  } catch (error) {
    // The reader waits for a decision, whatever the store does.
    context.reader.refuseMessage();
    throw error;
  }
}

/**
 * Gives octets to the store until that fails; from then on they are dropped, since the client
 * goes on sending them and the next command begins behind them.
 */
class Intake {
  readonly #append: AppendPort;
  #fault: { readonly error: unknown } | undefined;

  constructor(append: AppendPort) {
    this.#append = append;
  }

  get hasFailed(): boolean {
    return this.#fault !== undefined;
  }

  async take(octets: Uint8Array): Promise<void> {
    if (this.#fault !== undefined) return;
    try {
      await this.#append.write(octets);
    } catch (error) {
      this.#fault = { error };
    }
  }

  /** What failed first is what counts. */
  async abort(): Promise<void> {
    try {
      await this.#append.abort();
    } catch (error) {
      this.#fault ??= { error };
    }
  }

  raise(): never {
    throw this.#fault?.error;
  }
}

/** @returns undefined once the whole message is there, or why it never will be. */
async function receiveMessage(
  context: SessionContext,
  intake: Intake,
): Promise<CommandResult | undefined> {
  for (;;) {
    const event = context.reader.next();
    if (event.kind === 'message-end') return undefined;
    if (event.kind === 'message-octets') {
      await intake.take(event.octets);
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
