/** UIDs as IMAP wants them in a command: `1:4,7` (RFC 9051 §9 sequence-set). */

/** @param uids Ascending. */
export function formatUidSet(uids: readonly number[]): string {
  const ranges: string[] = [];
  for (let from = 0; from < uids.length;) {
    let to = from;
    while (uids[to + 1] === (uids[to] ?? 0) + 1) to += 1;
    ranges.push(from === to ? String(uids[from]) : `${uids[from]}:${uids[to]}`);
    from = to + 1;
  }
  return ranges.join(',');
}
