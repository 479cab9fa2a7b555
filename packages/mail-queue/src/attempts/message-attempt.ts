/**
 * Everything that is due for one message: its recipients are routed, grouped and tried, what
 * came of it is written, and senders who want to know are told.
 *
 * A recipient leaves the queue in one transaction with the notice about it; a crash anywhere
 * leaves it in a state from which the next process goes on.
 */
import { errorCode } from '@homeward/durable-store';
import { formatMessageId } from '../desk/message-id.ts';
import type { AttemptOutcome, ReportQueueEvent } from '../events.ts';
import type { QueueSettings } from '../queue-settings.ts';
import type { DeliveryOutcome, DeliveryRequest, QueueClock, Router, Transport } from '../ports.ts';
import type { Settlement } from '../storage/change-rows.ts';
import { probeOctets, readOctets } from '../storage/message-octets.ts';
import type { LoadedMessage, QueueStore } from '../storage/open-queue-store.ts';
import type { QueuedRecipient } from '../storage/queued-message.ts';
import type { Written } from '../storage/write-group.ts';
import type { DestinationLines, Found } from './destination-lines.ts';
import { groupRecipients, type RecipientGroup } from './group-recipients.ts';
import { cleanOutcome, isExpired, judgeOutcome } from './judge-outcome.ts';
import {
  blameUnreadable,
  findUnreadable,
  noteUnreadable,
  type Unreadable,
} from './unreadable-message.ts';
import { untilWritten } from './until-written.ts';

export interface AttemptParts {
  readonly store: QueueStore;
  readonly router: Router;
  readonly transport: Transport;
  readonly lines: DestinationLines;
  readonly clock: QueueClock;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly settings: () => QueueSettings;
  /** Tells senders what is to be told about a message. @returns The notices' numbers. */
  readonly tell: (id: number, signal: AbortSignal) => Promise<readonly number[]>;
  readonly report: ReportQueueEvent;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

const ABORTED: DeliveryOutcome = {
  kind: 'deferred',
  code: 451,
  enhanced: '4.4.1',
  text: 'No answer',
  remote: '',
};
const LOOP: DeliveryOutcome = {
  kind: 'failed',
  code: 554,
  enhanced: '5.4.6',
  text: 'The message goes in circles: too many Received lines',
  remote: '',
};

export class MessageAttempt {
  readonly #parts: AttemptParts;
  readonly #loaded: LoadedMessage;
  /** Rows that say already that an attempt is under way. */
  readonly #isFresh: boolean;

  constructor(parts: AttemptParts, loaded: LoadedMessage, isFresh: boolean) {
    this.#parts = parts;
    this.#loaded = loaded;
    this.#isFresh = isFresh;
  }

  /**
   * @param pulledBy The destination that has room, whose recipients are due for that reason.
   * @returns Numbers of notices that are now in the queue.
   */
  async run(pulledBy: string | undefined): Promise<readonly number[]> {
    const { message, recipients } = this.#loaded;
    const nowMs = this.#parts.clock.nowMs();
    const due = recipients.filter((one) => isDue(one, nowMs, pulledBy));
    if (message.hopCount > this.#parts.settings().maxHops) {
      await this.#settle(new Map(due.map((one) => [one, LOOP])), undefined);
    } else if (due.length > 0) await this.#tryAll(due);
    const { signal, tell } = this.#parts;
    return signal.aborted ? [] : tell(message.id, signal);
  }

  async #tryAll(due: readonly QueuedRecipient[]): Promise<void> {
    const { groups, unrouted } = await groupRecipients(due, this.#parts.router);
    const work = groups.map((group) => this.#tryGroup(group));
    if (unrouted.size > 0) work.push(this.#settle(unrouted, undefined));
    await Promise.all(work);
  }

  async #tryGroup(group: RecipientGroup): Promise<void> {
    const { lines, signal } = this.#parts;
    const { key, destination } = group;
    const admission = await lines.enter(key, destination.kind, () => this.#deliver(group));
    if (admission.kind === 'line-up' && !signal.aborted) await this.#lineUp(group, admission.forMs);
  }

  async #deliver(group: RecipientGroup): Promise<Found> {
    const { store, signal } = this.#parts;
    const { id } = this.#loaded.message;
    if (signal.aborted) return 'nothing';
    if (!this.#isFresh) {
      const numbers = group.recipients.map(({ number }) => number);
      const marked = await this.#untilWritten(() => store.markTrying(id, numbers));
      if (!marked) return 'nothing';
    }
    const { outcomes: given, unreadable } = await this.#transport(group);
    // Somebody has taken it out of the queue while it stood in line.
    if (unreadable !== undefined && store.load(id) === undefined) return 'nothing';
    const outcomes = new Map(group.recipients.map((one, at) => [one, given[at] ?? ABORTED]));
    await this.#settle(outcomes, group, unreadable !== undefined && this.#isToBeHeld(unreadable));
    if (unreadable !== undefined) {
      this.#reportUnreadable(unreadable);
      return 'nothing';
    }
    const all = [...outcomes.values()];
    const isAway = all.length > 0 && all.every(({ isDestinationAway }) => isDestinationAway);
    return isAway ? 'nobody' : 'somebody';
  }

  async #transport(group: RecipientGroup): Promise<{
    readonly outcomes: readonly DeliveryOutcome[];
    readonly unreadable: Unreadable | undefined;
  }> {
    const { transport, signal, store } = this.#parts;
    let unreadable: Unreadable | undefined = await findUnreadable(() =>
      probeOctets(store.storage.files, store.findContent(this.#loaded.message)),
    );
    if (unreadable !== undefined) {
      const outcome = blameUnreadable(ABORTED, unreadable);
      return { outcomes: group.recipients.map(() => outcome), unreadable };
    }
    const request = this.#requestOf(group, (found) => void (unreadable = found));
    let outcomes: readonly DeliveryOutcome[];
    try {
      outcomes = await transport.deliver(group.destination, request, signal);
    } catch (error) {
      if (unreadable === undefined) this.#reportBug(error);
      const text = `The attempt broke off: ${errorCode(error)}`;
      outcomes = group.recipients.map(() => ({ ...ABORTED, enhanced: '4.3.0', text }));
    }
    const why = unreadable;
    const blamed = why === undefined ? outcomes : outcomes.map((one) => blameUnreadable(one, why));
    return { outcomes: blamed.map(cleanOutcome), unreadable };
  }

  /** The code of the system, such as of a connection that breaks, says enough. */
  #reportBug(error: unknown): void {
    const isOfSystem = error instanceof Error && 'code' in error;
    if (!isOfSystem) this.#parts.report({ name: 'bug', error });
  }

  /** What is over goes back to its sender all the same. */
  #isToBeHeld({ reason }: Unreadable): boolean {
    const { clock, settings } = this.#parts;
    return reason !== 'fault' && !isExpired(this.#loaded.message, clock.nowMs(), settings());
  }

  #reportUnreadable(unreadable: Unreadable): void {
    const { store, report } = this.#parts;
    const { id, reference } = this.#loaded.message;
    const message = formatMessageId(store.storage.layout.workerIndex, id);
    const isHeld = this.#isToBeHeld(unreadable);
    report({ name: 'message-unreadable', message, reference, ...unreadable, isHeld });
  }

  #requestOf(
    { recipients }: RecipientGroup,
    onUnreadable: (unreadable: Unreadable) => void,
  ): DeliveryRequest {
    const { message } = this.#loaded;
    const { store } = this.#parts;
    return {
      reference: message.reference,
      sender: message.sender,
      parameters: message.parameters,
      sizeBytes: message.sizeBytes,
      recipients,
      readMessage: () =>
        noteUnreadable(
          readOctets(store.storage.files, () => store.findContent(message)),
          onUnreadable,
        ),
    };
  }

  async #lineUp({ key, recipients, destination }: RecipientGroup, forMs: number): Promise<void> {
    const { message } = this.#loaded;
    const { clock, random, settings, store } = this.#parts;
    const nowMs = clock.nowMs();
    const settlements = new Map<number, Settlement>();
    for (const recipient of recipients) {
      // Its time is over though its destination was never tried of late.
      const settlement = isExpired(message, nowMs, settings())
        ? this.#judge(recipient, expiredOutcome(recipient), { key, kind: destination.kind })
        : lineUp(key, nowMs + forMs * (1 + random() / 4));
      settlements.set(recipient.number, settlement);
    }
    await this.#untilWritten(() => store.settle(message.id, settlements));
  }

  async #settle(
    outcomes: ReadonlyMap<QueuedRecipient, DeliveryOutcome>,
    group: RecipientGroup | undefined,
    isHeld = false,
  ): Promise<void> {
    const { message } = this.#loaded;
    const destination =
      group === undefined ? undefined : { key: group.key, kind: group.destination.kind };
    const settlements = new Map(
      [...outcomes].map(([recipient, outcome]) => [
        recipient.number,
        this.#judge(recipient, outcome, destination),
      ]),
    );
    await this.#untilWritten(() => this.#parts.store.settle(message.id, settlements, isHeld));
    this.#reportAttempt(outcomes, group);
  }

  #judge(
    recipient: QueuedRecipient,
    outcome: DeliveryOutcome,
    destination: (Pick<RecipientGroup, 'key'> & { kind: 'worker' | 'elsewhere' }) | undefined,
  ): Settlement {
    const { clock, random, settings } = this.#parts;
    const { message } = this.#loaded;
    const facts = { message, recipient, destination, nowMs: clock.nowMs(), random: random() };
    return judgeOutcome(outcome, { ...facts, settings: settings() });
  }

  /** @returns Whether it could be written. */
  async #untilWritten(write: () => Promise<Written<unknown>>): Promise<boolean> {
    const { clock, signal } = this.#parts;
    return (await untilWritten(write, clock, signal)) !== undefined;
  }

  #reportAttempt(
    outcomes: ReadonlyMap<QueuedRecipient, DeliveryOutcome>,
    group: RecipientGroup | undefined,
  ): void {
    const { report } = this.#parts;
    const { reference } = this.#loaded.message;
    const counts: Record<AttemptOutcome, number> = {
      delivered: 0,
      relayed: 0,
      deferred: 0,
      failed: 0,
    };
    let unsure = 0;
    for (const [{ address }, outcome] of outcomes) {
      counts[outcome.kind] += 1;
      if (outcome.mayHaveArrived === true) unsure += 1;
      if (outcome.kind !== 'failed') continue;
      const { code, enhanced, text, remote } = outcome;
      report({
        name: 'failed',
        reference,
        recipient: address,
        code,
        enhanced,
        detail: text,
        remote,
      });
    }
    const [first] = [...outcomes.values()].filter(({ code }) => code >= 400);
    report({
      name: 'attempted',
      reference,
      destination: group?.key ?? '',
      kind: group?.destination.kind ?? 'none',
      counts,
      detail: first && `${first.code} ${first.enhanced} ${first.text}`,
      remote: first?.remote ?? '',
    });
    if (unsure === 0) return;
    report({ name: 'maybe-duplicated', cause: 'no-answer', recipientCount: unsure, reference });
  }
}

function isDue(
  { state, dueMs, destination }: QueuedRecipient,
  nowMs: number,
  pulledBy: string | undefined,
): boolean {
  if (state === 'trying') return true;
  if (state !== 'waiting' && state !== 'lined-up') return false;
  return dueMs <= nowMs || (state === 'lined-up' && destination === pulledBy);
}

function lineUp(destination: string, dueMs: number): Settlement {
  return { kind: 'line-up', destination, dueMs: Math.round(dueMs) };
}

function expiredOutcome({ lastReply }: QueuedRecipient): DeliveryOutcome {
  if (lastReply === undefined) return ABORTED;
  const { code, enhanced, text, remote } = lastReply;
  return { kind: 'deferred', code, enhanced, text, remote };
}
