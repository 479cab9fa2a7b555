/** Site names: short, lower case, usable as a DNS label and as part of a file name. */
import type { SiteName } from './ports.ts';

const SITE_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Reads a site name: 1 to 63 of a-z, 0-9 and inner hyphens (RFC 1035 §2.3.1, RFC 1123 §2.1). */
export function parseSiteName(text: string): SiteName | undefined {
  return SITE_NAME.test(text) ? (text as SiteName) : undefined;
}
