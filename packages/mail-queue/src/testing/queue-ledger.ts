/** What a queue has promised and done so far, to hold a volume to after a crash. */

export type LedgerEntry =
  /** The client was told 250. */
  | {
      readonly kind: 'accepted';
      readonly reference: string;
      readonly recipients: readonly string[];
    }
  /** A recipient has got it, though nobody in the queue may know yet. */
  | { readonly kind: 'arrived'; readonly reference: string; readonly recipient: string }
  /** A sender was told that these recipients did not get it. */
  | { readonly kind: 'told'; readonly recipients: readonly string[] };

export class QueueLedger {
  /** `reference recipient`. */
  readonly accepted: Set<string>;
  readonly arrived: Set<string>;
  readonly told: Set<string>;
  /** Told of each entry. */
  onEntry: (entry: LedgerEntry) => void = () => undefined;

  constructor(from?: QueueLedger) {
    this.accepted = new Set(from?.accepted);
    this.arrived = new Set(from?.arrived);
    this.told = new Set(from?.told);
  }

  note(entry: LedgerEntry): void {
    switch (entry.kind) {
      case 'accepted':
        for (const one of entry.recipients) this.accepted.add(`${entry.reference} ${one}`);
        break;
      case 'arrived':
        this.arrived.add(`${entry.reference} ${entry.recipient}`);
        break;
      case 'told':
        for (const one of entry.recipients) this.told.add(one);
    }
    this.onEntry(entry);
  }
}
