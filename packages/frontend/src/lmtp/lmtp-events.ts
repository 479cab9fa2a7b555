/** What the fan-out tells of, for logs and metrics. */

/** What came of one recipient; closed list. */
export const RECIPIENT_OUTCOMES = [
  'delivered',
  /** 5yz, by us or by the home. */
  'refused',
  /** 4yz: the MTA tries again. */
  'deferred',
  /** As `deferred`, but the home had the whole message: the MTA may bring it a second time. */
  'unanswered',
] as const;
export type RecipientOutcome = (typeof RECIPIENT_OUTCOMES)[number];

export interface LmtpEvents {
  readonly onRecipient: (outcome: RecipientOutcome) => void;
  /** A home did not answer, or was given up. */
  readonly onAway: (site: string, detail: string) => void;
}
