/** What a server says it can, in its answer to EHLO (RFC 5321 §4.1.1.1). */

/** Keywords in upper case, each with what follows it. */
export type Offer = ReadonlyMap<string, string>;

/** @param reply All lines; an answer to HELO offers nothing. */
export function readOffer(reply: string): Offer {
  const lines = reply.split(/\r?\n/u).slice(1);
  return new Map(
    lines.map((line) => {
      const [keyword = '', ...rest] = line
        .slice(4)
        .trim()
        .split(/[ \t]+/u);
      return [keyword.toUpperCase(), rest.join(' ')];
    }),
  );
}

/** The largest message that it takes (RFC 1870 §3), in octets; undefined: it names no limit. */
export function sizeLimitOf(offer: Offer): number | undefined {
  const size = offer.get('SIZE');
  const limitBytes = size !== undefined && /^\d{1,15}$/u.test(size) ? Number(size) : 0;
  return limitBytes === 0 ? undefined : limitBytes;
}
