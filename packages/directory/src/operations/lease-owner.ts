/** How a lease is named after the front-end worker that holds it. */

/** @param mark Tells two processes of the same number apart: 8 hexadecimal digits. */
export function formatLeaseOwner(frontEnd: string, processId: number, mark: string): string {
  return `${frontEnd}-${processId}-${mark}`;
}

/** The front end's name; the whole for a lease that somebody else has named. */
export function frontEndOfLease(leaseId: string): string {
  return /^(.+)-\d+-[0-9a-f]{8}:/.exec(leaseId)?.[1] ?? leaseId;
}
