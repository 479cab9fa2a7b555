/**
 * What is known of a session while octets flow: by this it is found, listed and ended. Small:
 * a front end keeps one for each client, for hours.
 */
import type { ConversationId } from './conversation-id.ts';
import type { SessionEndReason } from '@homeward/sasl';
import type { DelegateAccess, SessionSecret } from '@homeward/directory';
import type { MailProtocol } from '../login/ports.ts';

/** Of a session that is open at its home. */
export interface SessionFacts {
  /** Whose mailbox it is. */
  readonly accountId: string;
  readonly account: string;
  /** Who logged in, if it is another's mailbox. */
  readonly delegateId: string | undefined;
  readonly site: string;
  /** In the site's record; undefined at a site that runs other software. */
  readonly workerIndex: number | undefined;
  readonly loginMs: number;
  readonly access: DelegateAccess;
  readonly secret: SessionSecret;
}

/** A client's connection, from its greeting to its end. */
export interface LiveConversation {
  readonly conversationId: ConversationId;
  readonly protocol: MailProtocol;
  readonly clientAddress: string;
  /** Undefined before the login's end. */
  readonly session: SessionFacts | undefined;
  /**
   * Ends it with a farewell as soon as the client can understand one: at once before login,
   * after the answer during a login, at a safe point of a session. The first reason counts, but
   * for a revocation of a session that ends for a lesser one and takes its time.
   */
  end(reason: SessionEndReason): void;
}

/** Which conversations are meant; what is left out is not looked at. */
export interface ConversationFilter {
  /** Who logged in, or whose mailbox it is. */
  readonly accountId?: string | undefined;
  readonly site?: string | undefined;
  readonly protocol?: MailProtocol | undefined;
  readonly isFrom?: ((clientAddress: string) => boolean) | undefined;
  /** Whatever else the caller knows to ask. */
  readonly matches?: ((conversation: LiveConversation) => boolean) | undefined;
}

export function isMeant(conversation: LiveConversation, filter: ConversationFilter): boolean {
  const { session, protocol, clientAddress } = conversation;
  const { accountId, site, isFrom, matches } = filter;
  if (accountId !== undefined && !concerns(session, accountId)) return false;
  if (site !== undefined && session?.site !== site) return false;
  if (filter.protocol !== undefined && protocol !== filter.protocol) return false;
  if (isFrom !== undefined && !isFrom(clientAddress)) return false;
  return matches === undefined || matches(conversation);
}

/** The accounts that have a part in a session: whose mailbox it is, and who logged in. */
export function accountsOf({ accountId, delegateId }: SessionFacts): readonly string[] {
  return delegateId === undefined ? [accountId] : [accountId, delegateId];
}

function concerns(session: SessionFacts | undefined, accountId: string): boolean {
  return session?.accountId === accountId || session?.delegateId === accountId;
}
