/** Joins a client's stream and a home's by `net`'s relay. */
import { isImapAnswered } from '@homeward/imap/upstream';
import { startRelay, type DeadlineWheel, type RelayEnd } from '@homeward/net';
import { isPop3Answered } from '@homeward/pop3/upstream';
import { isSmtpAnswered } from '@homeward/smtp/upstream';
import type { IsAnswered } from '@homeward/wire';
import type { Relay, SpliceEnd, SpliceEndCause } from '../conversation/ports.ts';
import { StreamClient } from './stream-client.ts';
import { StreamHome } from './stream-home.ts';
import type { MailProtocol } from '../login/ports.ts';

/** Longer than a client at work takes between an answer and its next command. */
const QUIET_MS = 500;

const IS_ANSWERED: Readonly<Record<MailProtocol, IsAnswered>> = {
  imap: isImapAnswered,
  pop3: isPop3Answered,
  submission: isSmtpAnswered,
};

/** Only for connections made by this folder's adapters. */
export function createStreamRelay(wheel: DeadlineWheel): Relay {
  return {
    splice(client, inner, { protocol, idleLimitMs, idleFarewell, early, homeEarly }) {
      if (!(client instanceof StreamClient) || !(inner instanceof StreamHome)) {
        throw new TypeError('only streams over sockets can be spliced');
      }
      const isAnswered = IS_ANSWERED[protocol];
      const options = { idleLimitMs, idleWords: idleFarewell, isAnswered };
      const sentBefore = { fromClient: early, fromUpstream: homeEarly };
      const relay = startRelay(client.stream, inner.stream, options, wheel, sentBefore);
      return {
        ended: relay.ended.then(formatEnd),
        end: (farewell) => void relay.stop(farewell),
        endWhenQuiet: (farewell) => relay.stopWhenQuiet(farewell, QUIET_MS),
        destroy: () => relay.destroy(),
      };
    },
  };
}

function formatEnd(end: RelayEnd): SpliceEnd {
  return {
    cause: causeOf(end),
    clientOctets: end.octetsFromClient,
    homeOctets: end.octetsFromUpstream,
  };
}

function causeOf({ by, reason }: RelayEnd): SpliceEndCause {
  if (reason === 'timed-out') return 'idle';
  if (reason === 'stopped') return 'stopped';
  if (reason === 'ended') return by === 'upstream' ? 'home' : 'client';
  return by === 'upstream' ? 'home-broken' : 'client-broken';
}
