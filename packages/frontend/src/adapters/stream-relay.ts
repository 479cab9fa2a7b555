/** Joins a client's stream and a home's by `net`'s relay. */
import { startRelay, type DeadlineWheel, type RelayEnd } from '@homeward/net';
import type { Relay, SpliceEnd, SpliceEndCause } from '../conversation/ports.ts';
import { StreamClient } from './stream-client.ts';
import { StreamHome } from './stream-home.ts';

/** Longer than a home that is not overloaded thinks about a command. */
const QUIET_MS = 500;

/** Only for connections made by this folder's adapters. */
export function createStreamRelay(wheel: DeadlineWheel): Relay {
  return {
    splice(client, inner, { idleLimitMs, idleFarewell }) {
      if (!(client instanceof StreamClient) || !(inner instanceof StreamHome)) {
        throw new TypeError('only streams over sockets can be spliced');
      }
      const options = { idleLimitMs, idleWords: idleFarewell };
      const relay = startRelay(client.stream, inner.stream, options, wheel);
      return {
        ended: relay.ended.then(formatEnd),
        end: (farewell) => void relay.stop(farewell),
        endWhenQuiet: (farewell) => relay.stopWhenQuiet(farewell, QUIET_MS),
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
