/** What two workers say to each other. */

/** From who asks. Object 0 is there from the start. */
export interface PeerCall {
  /** Undefined: no answer is wanted, and the next call waits until this one is done. */
  readonly id: number | undefined;
  readonly object: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** From who is asked. */
export type PeerMessage =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  /** A bug: the method threw, or there is none. */
  | { readonly kind: 'failure'; readonly id: number }
  | { readonly kind: 'event'; readonly object: number; readonly event: unknown };

/** The object that is there from the start. */
export const ROOT_OBJECT = 0;
