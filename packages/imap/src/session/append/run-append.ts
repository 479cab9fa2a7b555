/**
 * APPEND (RFC 3501 §6.3.11), of several messages (RFC 3502), from parts of others (RFC 4469), and
 * REPLACE (RFC 8508), with APPENDUID (RFC 4315 §3). Messages pass through from the stream to
 * the store, with the store's back-pressure, and are never gathered here.
 */
import type { StreamEnd } from '@homeward/wire';
import type { CommandEvent } from '../../grammar/command-reader.ts';
import type { AppendStep, StreamingCommand } from '../../grammar/command.ts';
import { formatNumberSet } from '../../grammar/number-set.ts';
import { type CommandResult, bad, ok } from '../command-result.ts';
import { describeProblem } from '../problem-answers.ts';
import type { ReplacedMessage, StoredMessages } from '../ports.ts';
import type { SessionContext } from '../session-context.ts';
import { AppendIntake } from './append-intake.ts';
import { readUrl } from './catenated-url.ts';
import { findReplaced } from './replaced-message.ts';

/** Where the command goes on: at the next literal, or at its end. */
export type AppendEvent = Extract<CommandEvent, { readonly kind: 'append-literal' | 'append-end' }>;

/** Runs the command whose head the reader gave. */
export async function runAppend(
  context: SessionContext,
  event: AppendEvent,
): Promise<CommandResult> {
  const replaced = findReplaced(context, event.command);
  if (replaced !== undefined && 'status' in replaced) {
    if (event.kind === 'append-literal') context.reader.refuseMessage();
    return replaced;
  }
  const run = new AppendRun(context, event.command, replaced);
  try {
    return await run.take(event);
  } catch (error) {
    // The reader waits for a decision, whatever the store does.
    run.refuseLiteral();
    await run.abort();
    throw error;
  }
}

/** One command, from its head to its end. */
class AppendRun {
  readonly #context: SessionContext;
  readonly #isReplacing: boolean;
  readonly #intake: AppendIntake;
  #isDecisionDue = false;

  constructor(
    context: SessionContext,
    command: StreamingCommand,
    replaced: ReplacedMessage | undefined,
  ) {
    this.#context = context;
    this.#isReplacing = replaced !== undefined;
    this.#intake = new AppendIntake({
      mailbox: context.mailbox,
      path: command.mailbox,
      replaced,
      messageLimitBytes: context.limits.messageBytes,
    });
  }

  async take(first: AppendEvent): Promise<CommandResult> {
    for (let event = first; ;) {
      this.#isDecisionDue = event.kind === 'append-literal';
      const refusal = (await this.#takeSteps(event.steps)) ?? (await this.#prepare(event));
      if (refusal !== undefined) return await this.#refuse(refusal);
      if (event.kind === 'append-end') return await this.#commit();
      await this.#invite(event.isSynchronizing);
      const next = await this.#receive();
      if ('status' in next) return await this.#refuse(next);
      event = next;
    }
  }

  /** Tells the reader that the literal it announced is not wanted, if there is one. */
  refuseLiteral(): void {
    if (!this.#isDecisionDue) return;
    this.#isDecisionDue = false;
    this.#context.reader.refuseMessage();
  }

  async abort(): Promise<void> {
    await this.#intake.abort();
  }

  async #refuse(result: CommandResult): Promise<CommandResult> {
    this.refuseLiteral();
    await this.#intake.abort();
    return this.#intake.hasFailed ? this.#intake.raise() : result;
  }

  async #takeSteps(steps: readonly AppendStep[]): Promise<CommandResult | undefined> {
    for (const step of steps) {
      if (this.#intake.hasFailed) return bad('The message could not be taken');
      const refusal = await this.#takeStep(step);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  async #takeStep(step: AppendStep): Promise<CommandResult | undefined> {
    switch (step.step) {
      case 'message-start':
        this.#intake.startMessage(step.options);
        return undefined;
      case 'url':
        return await readUrl(this.#context, step.url, this.#intake);
      case 'message-end':
        return await this.#intake.endMessage();
    }
  }

  /** Nothing is invited that would not be taken. */
  async #prepare(event: AppendEvent): Promise<CommandResult | undefined> {
    return event.kind === 'append-end' ? undefined : await this.#intake.expect(event.sizeBytes);
  }

  async #invite(isSynchronizing: boolean): Promise<void> {
    const { writer, reader } = this.#context;
    if (isSynchronizing) {
      writer.continuation('Send the message');
      await writer.flush();
    }
    this.#isDecisionDue = false;
    reader.acceptMessage();
  }

  /** The octets of one literal. @returns what follows it, or why nothing does. */
  async #receive(): Promise<AppendEvent | CommandResult> {
    const context = this.#context;
    for (;;) {
      const event = context.reader.next();
      switch (event.kind) {
        case 'message-octets':
          await this.#intake.write(event.octets);
          break;
        case 'need-more': {
          const input = await this.#nextInput();
          if (typeof input !== 'string') context.reader.push(input);
          else {
            context.finishByStream(input);
            return bad('The message did not arrive');
          }
          break;
        }
        case 'continuation':
          context.writer.continuation('OK');
          await context.writer.flush();
          break;
        case 'append-literal':
        case 'append-end':
          this.#isDecisionDue = event.kind === 'append-literal';
          return event;
        case 'error':
          if (event.isFatal) context.finish('protocol-error');
          return describeProblem(event);
        case 'command':
          throw new Error('a command within a command');
      }
    }
  }

  /** A wish to end the session waits until the message is there. */
  async #nextInput(): Promise<Uint8Array | StreamEnd> {
    for (;;) {
      const input = await this.#context.gate.wait();
      if (input !== 'woken') return input;
    }
  }

  async #commit(): Promise<CommandResult> {
    const stored = await this.#intake.commit();
    if (!stored.ok) return stored.answer ?? bad('The message could not be taken');
    const code = appendUid(stored.value);
    if (!this.#isReplacing) return ok(`${code} APPEND completed`);
    // RFC 8508 §4.3: the client hears of the new message before the old one goes.
    this.#context.writer.untagged(`OK ${code} Replacement message ready`);
    return ok('REPLACE completed');
  }
}

function appendUid({ uidValidity, uids }: StoredMessages): string {
  return `[APPENDUID ${uidValidity} ${formatNumberSet(uids)}]`;
}
