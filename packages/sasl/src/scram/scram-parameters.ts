/** What a SCRAM client is told of how its keys were made (RFC 5802 §5.1). */
export interface ScramParameters {
  /** Base64. */
  readonly salt: string;
  readonly iterationCount: number;
}
