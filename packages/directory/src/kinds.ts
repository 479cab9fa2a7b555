/**
 * The kinds that operators choose from. They need nothing else, so that whoever only lists them,
 * as the command line does, need not load a directory.
 */
import type { AcceptedDomainKind } from './mail/accepted-domains.ts';
import type { GroupSenders } from './ports.ts';

export const GROUP_SENDER_KINDS: readonly GroupSenders['kind'][] = [
  'anybody',
  'accounts',
  'members',
  'named',
];

export const ACCEPTED_DOMAIN_KINDS: readonly AcceptedDomainKind[] = [
  'authoritative',
  'internal-relay',
];
