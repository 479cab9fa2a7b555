/**
 * How a worker is asked to end sessions, at its control port: `POST /v1/sessions/end` with a
 * `SessionEndOrder`, answered by a `SessionEndReceipt`. The worker knows where its protocols
 * stand, so it ends each at its next safe point; whoever asked sees that by the connection.
 *
 * A reason that the other side's release does not know is answered 400; it then is for the
 * caller to end the session in a way that needs no help.
 */
import { SESSION_END_REASONS, type SessionEndReason } from '@homeward/sasl';
import { z } from 'zod';

export const SESSION_END_PATH = '/v1/sessions/end';
/** Sessions of one order. */
export const SESSION_END_LIMIT = 1_000;

export interface SessionEndOrder {
  readonly reason: SessionEndReason;
  readonly conversationIds: readonly string[];
}

export interface SessionEndReceipt {
  /** Told to end; those that do not exist, or are over, are the rest. */
  readonly askedIds: readonly string[];
}

export const SESSION_END_ORDER: z.ZodType<SessionEndOrder> = z.strictObject({
  reason: z.enum(SESSION_END_REASONS),
  conversationIds: z.array(z.string().min(1).max(64)).min(1).max(SESSION_END_LIMIT),
});

export const SESSION_END_RECEIPT: z.ZodType<SessionEndReceipt> = z.object({
  askedIds: z.array(z.string()).max(SESSION_END_LIMIT),
});

const FRONT_END_PREFIX = 'frontend:';

/**
 * The common name in the certificate by which a front end is let in at control ports. No front
 * end, site or operator has one like it by accident: their names have no colon.
 */
export function controlNameOfFrontEnd(name: string): string {
  return `${FRONT_END_PREFIX}${name}`;
}

export function isFrontEndControlName(commonName: string): boolean {
  return commonName.startsWith(FRONT_END_PREFIX);
}
