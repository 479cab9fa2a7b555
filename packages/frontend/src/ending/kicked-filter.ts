/** Which conversations an operator's request to end sessions means. */
import type { SessionEndRequest } from '@homeward/directory';
import { createNetworkTest } from '@homeward/net';
import type { ConversationFilter } from '../conversation/live-session.ts';

/** @throws For a network that is none: another release may have let it pass. */
export function kickedFilter(request: SessionEndRequest): ConversationFilter {
  const { accountId, site, protocol, conversationId, network } = request;
  return {
    accountId,
    site,
    protocol,
    isFrom: network === undefined ? undefined : createNetworkTest([network]),
    // Those who have not logged in are no sessions.
    matches: (one) =>
      one.session !== undefined &&
      (conversationId === undefined || one.conversationId === conversationId),
  };
}
