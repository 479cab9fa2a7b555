/**
 * Finds sessions among all that the registry has. Claims are looked at as text first, and only
 * those are parsed that may be meant: most of the time of a parse would be for nothing.
 */
import { z } from 'zod';
import { parseJson } from '../record-codec.ts';
import type { SessionClaim } from '../ports.ts';
import { frontEndOfLease } from './lease-owner.ts';
import type { ListedSession, SessionPage, SessionQuery } from './ports.ts';

/** Sessions of one lease as the store has them. */
export interface StoredSessions {
  readonly leaseId: string;
  /** Conversation id and claim as JSON; one may come twice. */
  readonly claims: Iterable<readonly [string, string]>;
}

const claimShape = z.object({
  conversationId: z.string(),
  accountId: z.string(),
  mailboxId: z.string(),
  protocol: z.enum(['imap', 'pop3', 'submission']),
  site: z.string(),
  clientAddress: z.string(),
  startedAtMs: z.number(),
});

/** @param stored Read batch by batch; only what may be on the page is kept. */
export async function findSessions(
  stored: AsyncIterable<StoredSessions>,
  query: SessionQuery,
  { after = '', limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<SessionPage> {
  const marks = marksOf(query);
  const meant = new Set<string>();
  let page: ListedText[] = [];
  for await (const { leaseId, claims } of stored) {
    for (const [conversationId, text] of claims) {
      if (!marks.every((mark) => text.includes(mark))) continue;
      if (query.isFrom !== undefined && !query.isFrom(addressIn(text))) continue;
      if (meant.has(conversationId)) continue;
      meant.add(conversationId);
      if (conversationId > after && limit > 0) page.push({ conversationId, leaseId, text });
    }
    if (page.length > 4 * limit) page = firstOf(page, limit);
  }
  return { sessions: firstOf(page, limit).flatMap(parseListed), totalCount: meant.size };
}

interface ListedText {
  readonly conversationId: string;
  readonly leaseId: string;
  readonly text: string;
}

function firstOf(page: readonly ListedText[], limit: number): ListedText[] {
  return page.toSorted((a, b) => (a.conversationId < b.conversationId ? -1 : 1)).slice(0, limit);
}

function parseListed({ leaseId, text }: ListedText): readonly ListedSession[] {
  const parsed = claimShape.safeParse(parseJson(text));
  if (!parsed.success) return [];
  return [{ ...(parsed.data as SessionClaim), frontEnd: frontEndOfLease(leaseId) }];
}

/**
 * What the text of a claim that is meant must have in it, as `JSON.stringify` writes it. An
 * account's id stands in two places, either of which will do.
 */
function marksOf({ accountId, site, protocol, conversationId }: SessionQuery): readonly string[] {
  const marks: string[] = [];
  if (conversationId !== undefined) {
    marks.push(`"conversationId":${JSON.stringify(conversationId)}`);
  }
  if (accountId !== undefined) marks.push(JSON.stringify(accountId));
  if (site !== undefined) marks.push(`"site":${JSON.stringify(site)}`);
  if (protocol !== undefined) marks.push(`"protocol":${JSON.stringify(protocol)}`);
  return marks;
}

function addressIn(text: string): string {
  return /"clientAddress":"([^"]*)"/.exec(text)?.[1] ?? '';
}
