/**
 * The keys of TLS session tickets (RFC 5077 §4): front ends that have them in common resume each
 * other's sessions, and tell each other of right passwords. Whoever has them can read sessions
 * that were recorded, so a new file replaces the old one daily; services read it by themselves.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DEPLOYMENT_FILES, type DeploymentPlan } from './deployment-plan.ts';
import { writeNewFile } from './write-new-file.ts';

/** As Node takes them. */
const KEY_BYTES = 48;

/** Files that were made, from the deployment's folder. @throws OperatorError if it cannot be. */
export async function ensureTlsTicketKeys({
  folder,
  frontEnds,
}: Pick<DeploymentPlan, 'folder' | 'frontEnds'>): Promise<readonly string[]> {
  if (frontEnds.length === 0) return [];
  const file = DEPLOYMENT_FILES.tlsTicketKeys;
  const isNew = await writeNewFile(join(folder, file), randomBytes(KEY_BYTES), 0o600);
  return isNew ? [file] : [];
}
