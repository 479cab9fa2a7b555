/** For tests: no TLS that could be bound to, nothing known of tokens, a nonce that is known. */
import type { SaslSurroundings } from '../sasl-surroundings.ts';

export const NO_SURROUNDINGS: SaslSurroundings = {
  makeNonce: () => 'server-nonce',
  findChannelBinding: undefined,
  tokenHint: { scope: undefined, openidConfiguration: undefined },
};
