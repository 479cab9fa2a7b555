/** The message by which a probe sees that mail comes back as it went in. */

/** Marks a probe's own messages; no other message is ever deleted. */
export const PROBE_HEADER = 'X-Homeward-Probe';
/** Older ones are left over from probes that were cut off. */
export const LEFTOVER_AGE_MS = 86_400_000;

/** @param id Unique. @returns The message, CRLF line ends. */
export function createTestMessage(id: string, mailbox: string, nowMs: number): string {
  return [
    `From: Homeward probe <${mailbox}>`,
    `To: <${mailbox}>`,
    `Date: ${new Date(nowMs).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${id}@probe.homeward.invalid>`,
    'Subject: Homeward connectivity test',
    `${PROBE_HEADER}: ${id}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'This message was made by "homeward probe" and is deleted by it.',
    '',
  ].join('\r\n');
}

/** The mark in a header; undefined: somebody's own mail. */
export function findProbeId(header: string): string | undefined {
  return /^X-Homeward-Probe: *(\S+)/im.exec(header)?.[1];
}
