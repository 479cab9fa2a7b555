/**
 * The GS2 header that opens the first message of OAUTHBEARER (RFC 7628 §3.1) and SCRAM (RFC 5802
 * §7): channel-binding flag and authorization identity (RFC 5801 §4).
 */

/** What a header says. */
export interface Gs2Header {
  /** `n`: the client cannot; `y`: it can but thinks we cannot; `p=NAME`: it does. */
  readonly channelBinding:
    | { readonly flag: 'n' }
    | { readonly flag: 'y' }
    | { readonly flag: 'p'; readonly name: string };
  readonly authzid: string | undefined;
  /** Length of the header in characters, its last comma included. */
  readonly length: number;
}

const HEADER = /^(?:n|y|p=(?<name>[A-Za-z0-9.-]{1,64})),(?:a=(?<authzid>[^,]+))?,/u;

/**
 * Reads the header at the start of `text`. The flag "F" of non-standard GSS tokens has no place in
 * these mechanisms, so it is refused.
 *
 * @returns undefined if there is none.
 */
export function parseGs2Header(text: string): Gs2Header | undefined {
  const match = HEADER.exec(text);
  if (match === null) return undefined;
  const { name, authzid } = match.groups ?? {};
  const decoded = authzid === undefined ? undefined : decodeSaslName(authzid);
  if (authzid !== undefined && decoded === undefined) return undefined;
  const channelBinding =
    name === undefined
      ? { flag: text.startsWith('y') ? ('y' as const) : ('n' as const) }
      : { flag: 'p' as const, name };
  return { channelBinding, authzid: decoded, length: match[0].length };
}

/** Writes the header of a client that has no channel binding. */
export function formatGs2Header(authzid: string | undefined): string {
  if (authzid === undefined) return 'n,,';
  return `n,a=${authzid.replaceAll('=', '=3D').replaceAll(',', '=2C')},`;
}

/** RFC 5801 §4 saslname: "=" and "," are written =3D and =2C; any other "=" is an error. */
export function decodeSaslName(encoded: string): string | undefined {
  if (/=(?!2C|3D)/u.test(encoded) || encoded.includes('\0')) return undefined;
  return encoded.replaceAll('=2C', ',').replaceAll('=3D', '=');
}
