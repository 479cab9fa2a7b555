/** What a notice tells of a message and its recipients. */

/** What a notice is of. */
export type DeliveryNoticeKind = 'failed' | 'delayed' | 'delivered';

/** One recipient of the message. */
export interface NoticeRecipient {
  readonly address: string;
  /** ORCPT; decoded. */
  readonly originalRecipient: { readonly type: string; readonly address: string } | undefined;
  /** RFC 3464 §2.3.3. */
  readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed';
  /** RFC 3463; its class agrees with the action. */
  readonly enhanced: string;
  /** Of the last reply. */
  readonly code: number;
  readonly text: string;
  /** Who gave it; empty if nobody did. */
  readonly remote: string;
  readonly lastAttemptMs: number;
  /** Of what is delayed: when it is given up. */
  readonly retryUntilMs: number | undefined;
}

export interface DeliveryNoticeFacts {
  readonly kind: DeliveryNoticeKind;
  /** The name of who writes this. */
  readonly reportingMta: string;
  /** Address of who answers for it. */
  readonly from: string;
  /** The sender of the message. */
  readonly to: string;
  /** Without brackets. */
  readonly messageId: string;
  /** By which an operator finds the message that this is about. */
  readonly reference: string;
  /** Occurs in no part: unpredictable letters and digits. */
  readonly boundary: string;
  readonly nowMs: number;
  readonly arrivedMs: number;
  /** ENVID; decoded. */
  readonly envelopeId: string | undefined;
  readonly recipients: readonly NoticeRecipient[];
  /** Of the message, or as much of it as shall come back. */
  readonly header: Uint8Array;
}
