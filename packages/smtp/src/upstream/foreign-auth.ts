/** By which mechanism somebody is logged in at a server that is not ours, and its words. */
import {
  createOauthBearerClient,
  createPlainClient,
  type ForeignSecret,
  type SaslClient,
} from '@homeward/sasl';
import { encodeBase64Octets } from '@homeward/wire';
import type { ForeignOffer } from './foreign-offer.ts';

/** What is said to each 334, in order; the last one is the secret. */
export interface ForeignAuth {
  readonly mechanism: string;
  readonly responses: readonly Buffer[];
}

/** @returns What to say, which the caller overwrites; or why nothing can be said. */
export function chooseForeignAuth(
  secret: ForeignSecret,
  offer: ForeignOffer,
): ForeignAuth | { readonly why: string } {
  if (secret.kind === 'ticket') {
    if (!offer.hasMechanism('OAUTHBEARER')) return { why: 'the site offers no OAUTHBEARER' };
    const { loginName, ticket } = secret;
    return sayOnce(createOauthBearerClient({ authzid: loginName, token: ticket }));
  }
  const { authzid, loginName, password } = secret;
  if (offer.hasMechanism('PLAIN')) {
    return sayOnce(createPlainClient({ authzid, authcid: loginName, password }));
  }
  if (authzid !== undefined) {
    return { why: 'the site offers no PLAIN, which a master user with authzid needs' };
  }
  if (!offer.hasMechanism('LOGIN')) return { why: 'the site offers neither PLAIN nor LOGIN' };
  // Exchange offers it alone.
  const responses = [Buffer.from(loginName, 'utf8'), password].map((octets) =>
    encodeBase64Octets(octets),
  );
  return { mechanism: 'LOGIN', responses };
}

function sayOnce(client: SaslClient): ForeignAuth {
  const message = client.start();
  const response = encodeBase64Octets(message);
  message.fill(0);
  return { mechanism: client.mechanism, responses: [response] };
}
