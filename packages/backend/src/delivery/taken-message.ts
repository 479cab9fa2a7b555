/** What log and metrics hear of a message that came in. */
export interface TakenMessage {
  readonly reference: string;
  readonly sizeBytes: number;
  readonly recipientCount: number;
  readonly deliveredCount: number;
  readonly queuedCount: number;
}
