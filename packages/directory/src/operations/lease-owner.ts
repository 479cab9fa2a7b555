/** How a lease is named after the front-end worker that holds it. */
import type { SiteName } from '../ports.ts';

/** @param mark Tells two processes of the same number apart: 8 hexadecimal digits. */
export function formatLeaseOwner(frontEnd: string, processId: number, mark: string): string {
  return `${frontEnd}-${processId}-${mark}`;
}

/**
 * What stands for a front end's name where people log in at a site itself. No front end has a
 * name with a colon.
 */
export function siteAsFrontEnd(site: SiteName): string {
  return `site:${site}`;
}

/** Whether it is a site by `siteAsFrontEnd`. */
export function isSite(frontEnd: string): boolean {
  return frontEnd.startsWith('site:');
}

/** The front end's name; the whole for a lease that somebody else has named. */
export function frontEndOfLease(leaseId: string): string {
  return /^(.+)-\d+-[0-9a-f]{8}:/.exec(leaseId)?.[1] ?? leaseId;
}
