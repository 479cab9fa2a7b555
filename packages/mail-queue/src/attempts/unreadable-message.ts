/**
 * A message whose octets cannot be had, as an attempt finds out: whatever its transport makes of
 * the error, the true reason is told, and what no later attempt would change waits for an operator.
 */
import { errorCode } from '@homeward/durable-store';
import type { UnreadableReason } from '../events.ts';
import type { DeliveryOutcome } from '../ports.ts';
import { MessageUnreadableError } from '../storage/message-octets.ts';

/** Why it could not be read. */
export interface Unreadable {
  readonly reason: UnreadableReason;
  /** Of the system. */
  readonly code: string | undefined;
}

const TEXTS: Readonly<Record<UnreadableReason, string>> = {
  gone: 'the file of the message is gone',
  'cut-short': 'the file of the message is cut short',
  fault: 'the volume fails',
};

/** Passes octets and errors on. @param note Told of an error before it goes on. */
export async function* noteUnreadable(
  octets: AsyncIterable<Uint8Array>,
  note: (unreadable: Unreadable) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* octets;
  } catch (error) {
    note(describe(error));
    throw error;
  }
}

/** Found out before anybody is connected to, who may be away for days. */
export async function findUnreadable(probe: () => Promise<void>): Promise<Unreadable | undefined> {
  try {
    await probe();
    return undefined;
  } catch (error) {
    return describe(error);
  }
}

function describe(error: unknown): Unreadable {
  return error instanceof MessageUnreadableError
    ? { reason: error.reason, code: undefined }
    : { reason: 'fault', code: errorCode(error) };
}

/** What was not delivered was not for this reason, and nobody at the destination is to blame. */
export function blameUnreadable(
  outcome: DeliveryOutcome,
  { reason, code }: Unreadable,
): DeliveryOutcome {
  if (outcome.kind !== 'deferred') return outcome;
  const why = code === undefined ? TEXTS[reason] : `${TEXTS[reason]} (${code})`;
  const text = `The message cannot be read: ${why}`;
  return { kind: 'deferred', code: 451, enhanced: '4.3.0', text, remote: '' };
}
