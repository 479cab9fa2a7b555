/** Messages read again as if they arrived now: digest and description of what is there. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { nodeStoreFiles } from '@homeward/durable-store';
import type { ReceivedMessage } from '../operations/append-messages.ts';
import type { CareJob } from './findings.ts';

const CHUNK_BYTES = 256 * 1024;

/** @returns undefined if there is no such file. */
export async function receiveFile(
  job: CareJob,
  name: string,
): Promise<ReceivedMessage | undefined> {
  const file = await nodeStoreFiles.openFile(join(job.layout.messages, name));
  if (file === undefined) return undefined;
  try {
    const hash = createHash('sha256');
    const describer = job.describe();
    let sizeBytes = 0;
    for (;;) {
      const octets = await file.read(sizeBytes, CHUNK_BYTES);
      if (octets.length === 0) break;
      hash.update(octets);
      describer.push(octets);
      sizeBytes += octets.length;
    }
    const description = describer.finish();
    return { sizeBytes, digest: hash.digest(), description, content: { file: name } };
  } finally {
    await file.close();
  }
}

export function receiveOctets(job: CareJob, octets: Uint8Array): ReceivedMessage {
  const describer = job.describe();
  describer.push(octets);
  return {
    sizeBytes: octets.length,
    digest: createHash('sha256').update(octets).digest(),
    description: describer.finish(),
    content: { octets },
  };
}

/** Size and digest of a file. @returns undefined if there is none. */
export async function digestFile(
  path: string,
): Promise<{ readonly sizeBytes: number; readonly digest: Uint8Array } | undefined> {
  const file = await nodeStoreFiles.openFile(path);
  if (file === undefined) return undefined;
  try {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    for (;;) {
      const octets = await file.read(sizeBytes, CHUNK_BYTES);
      if (octets.length === 0) return { sizeBytes, digest: hash.digest() };
      hash.update(octets);
      sizeBytes += octets.length;
    }
  } finally {
    await file.close();
  }
}
