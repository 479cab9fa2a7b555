/** What may come of asking the store for something. */

/**
 * Why an operation was refused. `unavailable`: the mailbox is closed or broken, or its volume
 * is full; nothing was changed, or at least nothing that anybody was told.
 */
export type Refusal =
  | 'nonexistent'
  | 'already-exists'
  | 'has-children'
  | 'not-permitted'
  | 'invalid-name'
  | 'too-many'
  | 'too-big'
  | 'over-quota'
  | 'expunged'
  | 'in-use'
  | 'unavailable';

/** Expected outcomes are values. */
export type Outcome<Value, Reason = Refusal> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: Reason };
