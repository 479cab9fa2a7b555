/**
 * Delivers to the outside through smart hosts, in the order of the settings: the next one is asked
 * when one fails or will not have the message, and never when it may have it already.
 *
 * What a host answers about a recipient is the outcome; that none could be used defers all.
 */
import type {
  DeliveryOutcome,
  DeliveryRequest,
  Destination,
  Transport,
} from '@homeward/mail-queue';
import { HostFailure, Interrupted, MessageFault } from './host-failure.ts';
import { outcomeOf, outcomeOfFailure, ownOutcome } from './relay-outcome.ts';
import type { RelaySettings } from './relay-settings.ts';
import type { SmartHost } from './smart-host.ts';
import { SmartHostGroup, type SmartHostGroupParts } from './smart-host-group.ts';
import { splitTransactions } from './split-transactions.ts';
import type { Transaction, Verdict } from './transaction.ts';

export interface SmartHostTransportParts extends SmartHostGroupParts {
  /** Asked at each delivery. */
  readonly settings: () => RelaySettings;
}

type OutcomeOf = (address: string) => DeliveryOutcome;

const NO_HOST = ownOutcome('deferred', 451, '4.4.4', 'no smart host is configured');
const INTERRUPTED = ownOutcome('deferred', 451, '4.3.2', 'the service stops');
const UNREADABLE = ownOutcome('deferred', 451, '4.3.0', 'the message could not be read');
const BAD_ADDRESS = ownOutcome('failed', 553, '5.1.3', 'no smart host can be told this address');
/** Would end the path, or the line, on the wire. */
const UNTELLABLE = /[\0-\x1f<>\x7f]/u;

export class SmartHostTransport implements Transport {
  readonly #settings: () => RelaySettings;
  readonly #group: SmartHostGroup;

  constructor({ settings, ...parts }: SmartHostTransportParts) {
    this.#settings = settings;
    this.#group = new SmartHostGroup(parts);
  }

  /** One outcome for each recipient, in order. Where the message goes, the settings say alone. */
  async deliver(
    _destination: Destination,
    request: DeliveryRequest,
    signal: AbortSignal,
  ): Promise<readonly DeliveryOutcome[]> {
    const { recipients, sender } = request;
    const isTellable = (address: string): boolean => !UNTELLABLE.test(address);
    const told = isTellable(sender) ? recipients.filter(({ address }) => isTellable(address)) : [];
    const settings = this.#settings();
    const outcomes = new Map<string, DeliveryOutcome>();
    for (const some of splitTransactions(told, settings.recipientsPerMessage)) {
      const transaction: Transaction = { ...request, recipients: some };
      const outcomeFor = await offer(this.#group.follow(settings), transaction, signal);
      for (const { address } of some) outcomes.set(address, outcomeFor(address));
    }
    return recipients.map(({ address }) => outcomes.get(address) ?? BAD_ADDRESS);
  }

  /** Connections that wait are closed; those in use, after their message. */
  close(): void {
    this.#group.close();
  }
}

async function offer(
  hosts: readonly SmartHost[],
  transaction: Transaction,
  signal: AbortSignal,
): Promise<OutcomeOf> {
  let last = NO_HOST;
  let hasFailed = false;
  for (const host of hosts) {
    try {
      const verdict = await host.send(transaction, signal);
      if (verdict.kind === 'answered') return readOutcomes(verdict, host);
      // What one host said for good is not the last word while another one is away.
      if (!hasFailed) last = outcomeOf(verdict.answer, host.name, false);
    } catch (error) {
      if (error instanceof Interrupted) return () => INTERRUPTED;
      if (error instanceof MessageFault) return () => UNREADABLE;
      if (!(error instanceof HostFailure)) throw error;
      last = outcomeOfFailure(error, host.name);
      hasFailed = true;
      if (error.reason === 'lost-after-content') break;
    }
  }
  return () => last;
}

function readOutcomes(
  { answers, isNotifyPassedOn }: Extract<Verdict, { readonly kind: 'answered' }>,
  { name }: SmartHost,
): OutcomeOf {
  return (address) => {
    const answer = answers.get(address);
    if (answer === undefined) throw new Error('a recipient has no answer');
    return outcomeOf(answer, name, isNotifyPassedOn);
  };
}
