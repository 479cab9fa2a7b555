/** The certificate by which workers let us deliver, and the authority by which we believe them. */
import { readFile } from 'node:fs/promises';
import type { ClientTls, ClientTlsOptions } from '@homeward/net';

/** PEM files. */
export interface DeliveryTlsFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * @param createTls Makes a `ClientTls`.
 * @returns To be asked before each dial: files that were renewed are in use from then on. Rejects
 *   when they cannot be read or hold no PEM.
 */
export function createDeliveryTls(
  files: DeliveryTlsFiles,
  createTls: (options: ClientTlsOptions) => ClientTls,
): () => Promise<ClientTls> {
  let made: { readonly text: string; readonly tls: ClientTls } | undefined;
  return async () => {
    const { caFile, certFile, keyFile } = files;
    const read = [caFile, certFile, keyFile].map((file) => readFile(file, 'utf8'));
    const [ca = '', cert = '', key = ''] = await Promise.all(read);
    const text = `${ca}\n${cert}\n${key}`;
    if (made?.text !== text) made = { text, tls: createTls({ ca, certificate: { cert, key } }) };
    return made.tls;
  };
}
