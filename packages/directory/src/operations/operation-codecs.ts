/** Requests of operators as JSON, and back; what cannot be read is left out, not guessed. */
import { z } from 'zod';
import { parseJson } from '../record-codec.ts';
import type { ComponentRequest, SessionEndRequest } from './ports.ts';

const sessionEndShape = z.object({
  id: z.string(),
  accountId: z.string().optional(),
  site: z.string().optional(),
  protocol: z.enum(['imap', 'pop3', 'submission']).optional(),
  frontEnd: z.string().optional(),
  conversationId: z.string().optional(),
  network: z.string().optional(),
  requestedBy: z.string(),
  requestedAtMs: z.number(),
});

const componentShape = z.object({
  component: z.string(),
  requester: z.string(),
  state: z.enum(['draining', 'inactive']),
  why: z.string().optional(),
  who: z.string(),
  sinceMs: z.number(),
});

export function decodeSessionEnd(text: string): SessionEndRequest | undefined {
  const parsed = sessionEndShape.safeParse(parseJson(text));
  return parsed.success ? (parsed.data as SessionEndRequest) : undefined;
}

export function decodeComponentRequest(text: string): ComponentRequest | undefined {
  const parsed = componentShape.safeParse(parseJson(text));
  return parsed.success ? ({ why: undefined, ...parsed.data } as ComponentRequest) : undefined;
}
