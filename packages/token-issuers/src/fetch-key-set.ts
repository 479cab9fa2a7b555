/**
 * Reads an issuer's keys over HTTPS, or from a file: bounded in time and size, without
 * redirections, and only what can be a JWK Set (RFC 7517 §5).
 */
import { request } from 'node:https';
import { readFile, stat } from 'node:fs/promises';
import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';

/** Large issuers have some 10 KB. */
const ANSWER_LIMIT_BYTES = 262_144;
/** For the whole of it: a login that waits has 4.5 seconds. */
export const FETCH_LIMIT_MS: number = 3000;
const KEY_LIMIT = 100;

/** Where an issuer's keys are. */
export type KeySource =
  | { readonly kind: 'url'; readonly url: string; readonly caFile: string | undefined }
  | { readonly kind: 'file'; readonly file: string };

/** Private parts and shared keys are left out: they have no business there. */
const keySetShape = z.object({
  keys: z
    .array(z.looseObject({ kty: z.string() }))
    .max(KEY_LIMIT)
    .transform((keys) => keys.filter(({ kty }) => kty === 'RSA' || kty === 'EC' || kty === 'OKP')),
});

export type FetchedKeys =
  | { readonly ok: true; readonly keySet: JSONWebKeySet }
  | { readonly ok: false; readonly detail: string };

/** @param signal Ends it early. Never rejects. */
export async function fetchKeySet(source: KeySource, signal: AbortSignal): Promise<FetchedKeys> {
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(FETCH_LIMIT_MS)]);
    const text =
      source.kind === 'file'
        ? await readBounded(source.file)
        : await download(source.url, await readAuthority(source.caFile), limited);
    const parsed = keySetShape.safeParse(JSON.parse(text));
    if (!parsed.success) return { ok: false, detail: 'is no JWK Set' };
    if (parsed.data.keys.length === 0) return { ok: false, detail: 'has no public key' };
    return { ok: true, keySet: parsed.data };
  } catch (error) {
    return { ok: false, detail: describe(error) };
  }
}

async function readAuthority(caFile: string | undefined): Promise<string | undefined> {
  return caFile === undefined ? undefined : readFile(caFile, 'utf8');
}

async function readBounded(file: string): Promise<string> {
  const { size } = await stat(file);
  if (size > ANSWER_LIMIT_BYTES) throw new Error('is too big');
  return readFile(file, 'utf8');
}

function download(url: string, ca: string | undefined, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { accept: 'application/jwk-set+json, application/json' };
    const options = { signal, headers, agent: false, ...(ca !== undefined && { ca }) } as const;
    const call = request(url, options, (answer) => {
      const pieces: Buffer[] = [];
      let byteCount = 0;
      answer.on('data', (octets: Buffer) => {
        byteCount += octets.length;
        if (byteCount > ANSWER_LIMIT_BYTES) call.destroy(new Error('answers too much'));
        else pieces.push(octets);
      });
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(Buffer.concat(pieces).toString('utf8'));
        else reject(new Error(`answers ${answer.statusCode ?? 'nothing'}`));
      });
    });
    call.on('error', reject);
    call.end();
  });
}

/** Texts of JSON's errors quote what was read, so they are not repeated. */
function describe(error: unknown): string {
  if (error instanceof SyntaxError) return 'answers no JSON';
  if (!(error instanceof Error)) return 'failed';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'takes too long';
  return (error as NodeJS.ErrnoException).code ?? error.message;
}
