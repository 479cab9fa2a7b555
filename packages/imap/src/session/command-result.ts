/** How a command ended: what the tagged response will say (RFC 3501 §7.1). */
import type { TaggedStatus } from './response-writer.ts';

/** `text` may start with a response code in brackets. */
export interface CommandResult {
  readonly status: TaggedStatus;
  readonly text: string;
}

export function ok(text: string): CommandResult {
  return { status: 'OK', text };
}

/** It was understood and could not be done. */
export function no(text: string): CommandResult {
  return { status: 'NO', text };
}

/** It made no sense here. */
export function bad(text: string): CommandResult {
  return { status: 'BAD', text };
}
