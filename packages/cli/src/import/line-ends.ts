/** Messages are stored with CRLF line ends, whatever the file had (RFC 5322 §2.1). */

const CR = 0x0d;
const LF = 0x0a;

/** Turns bare LF into CRLF; what is right already is returned as it is. */
export function withCrLf(octets: Buffer): Buffer {
  const bare = countBareLf(octets);
  if (bare === 0) return octets;
  const out = Buffer.allocUnsafe(octets.length + bare);
  let from = 0;
  let at = 0;
  for (let lf = octets.indexOf(LF); lf >= 0; lf = octets.indexOf(LF, lf + 1)) {
    if (lf > 0 && octets[lf - 1] === CR) continue;
    at += octets.copy(out, at, from, lf);
    out[at] = CR;
    out[at + 1] = LF;
    at += 2;
    from = lf + 1;
  }
  octets.copy(out, at, from);
  return out;
}

function countBareLf(octets: Buffer): number {
  let count = 0;
  for (let lf = octets.indexOf(LF); lf >= 0; lf = octets.indexOf(LF, lf + 1)) {
    if (lf === 0 || octets[lf - 1] !== CR) count += 1;
  }
  return count;
}
