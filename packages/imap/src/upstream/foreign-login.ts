/**
 * How a login is said to an IMAP server that is not ours: the mechanism by what it offers, and
 * the octets. Which words go in which order is `foreign-imap.ts`.
 */
import { createOauthBearerClient, createPlainClient, type ForeignSecret } from '@homeward/sasl';
import { encodeBase64Octets, viewAsBuffer } from '@homeward/wire';
import { formatString } from '../grammar/responses/strings.ts';

export type SpokenLogin =
  /** `AUTHENTICATE mechanism`, with the response behind it or behind the server's "+". */
  | {
      readonly kind: 'authenticate';
      readonly mechanism: string;
      /** base64; holds the secret. */
      readonly response: Buffer;
      readonly isInitial: boolean;
    }
  /** The arguments of LOGIN; hold the secret. */
  | { readonly kind: 'login'; readonly args: Buffer }
  | { readonly kind: 'impossible'; readonly why: string };

/** @param offered The server's capabilities, in capitals. */
export function speakLogin(secret: ForeignSecret, offered: ReadonlySet<string>): SpokenLogin {
  const isInitial = offered.has('SASL-IR');
  if (secret.kind === 'ticket') {
    const { ticket, loginName } = secret;
    const client = createOauthBearerClient({ authzid: loginName, token: ticket });
    if (!offered.has('AUTH=OAUTHBEARER')) return impossible('the site offers no OAUTHBEARER');
    return authenticate(client.mechanism, client.start(), isInitial);
  }
  if (offered.has('AUTH=PLAIN')) {
    const { authzid, loginName, password } = secret;
    const client = createPlainClient({ authzid, authcid: loginName, password });
    return authenticate(client.mechanism, client.start(), isInitial);
  }
  if (secret.authzid !== undefined) {
    return impossible('the site offers no PLAIN, which a master user with authzid needs');
  }
  if (offered.has('LOGINDISABLED')) return impossible('the site offers neither PLAIN nor LOGIN');
  return sayLogin(secret.loginName, secret.password);
}

function authenticate(mechanism: string, message: Uint8Array, isInitial: boolean): SpokenLogin {
  const response = encodeBase64Octets(message);
  message.fill(0);
  return { kind: 'authenticate', mechanism, response, isInitial };
}

/** RFC 3501 §6.2.3. What no quoted string can hold is not sent: it could end the line early. */
function sayLogin(loginName: string, password: Uint8Array): SpokenLogin {
  const octets = viewAsBuffer(password);
  const isSayable = octets.every((octet) => octet >= 0x20 && octet !== 0x7f);
  if (!isSayable) return impossible('the password cannot be said in a LOGIN command');
  const name = Buffer.from(
    formatString(Buffer.from(loginName, 'utf8').toString('latin1')),
    'latin1',
  );
  if (name[0] !== 0x22) return impossible('the login name cannot be said in a LOGIN command');
  const quoted = Buffer.alloc(name.length + 2 * octets.length + 3);
  let end = name.copy(quoted);
  for (const octet of Buffer.from(' "')) quoted[end++] = octet;
  for (const octet of octets) {
    if (octet === 0x22 || octet === 0x5c) quoted[end++] = 0x5c;
    quoted[end++] = octet;
  }
  quoted[end++] = 0x22;
  return { kind: 'login', args: quoted.subarray(0, end) };
}

function impossible(why: string): SpokenLogin {
  return { kind: 'impossible', why };
}
