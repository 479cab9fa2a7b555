/** Asks the control port of a worker: HTTP over TLS, by the operator's certificate. */
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import type { CareAnswer, CareDesk, CareJob, CareValues } from '@homeward/backend/care';
import type { SiteRecord, WorkerAddress } from '@homeward/directory';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';

const CONNECT_LIMIT_MS = 10_000;
const ANSWER_BYTES = 16 * 1024 * 1024;

/** PEM files of the deployment. */
export interface ControlFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

interface Credentials {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** @throws OperatorError if the site has no control port or the operator no certificate. */
export async function openControlDesk(
  site: SiteRecord,
  worker: WorkerAddress,
  files: ControlFiles,
): Promise<CareDesk> {
  const { host, controlPort } = worker;
  if (controlPort === undefined) {
    throw new OperatorError(
      `site ${site.name} has no control port, as the directory has it; see "Control ports" in ` +
        'docs/operations/mailboxes.md',
      EXIT_CODES.refused,
    );
  }
  const credentials = await readCredentials(files);
  const place = { host, port: controlPort, servername: site.serverName };
  return {
    run: async <Kind extends CareJob['kind']>(
      job: Extract<CareJob, { readonly kind: Kind }>,
    ): Promise<CareAnswer<CareValues[Kind]>> => {
      const { status, text } = await post(place, credentials, JSON.stringify(job), site.name);
      if (status === 200) return JSON.parse(text) as CareAnswer<CareValues[Kind]>;
      throw new OperatorError(`site ${site.name} refused: ${errorIn(text)}`, EXIT_CODES.refused);
    },
  };
}

async function readCredentials({ caFile, certFile, keyFile }: ControlFiles): Promise<Credentials> {
  const read = (file: string): Promise<string> =>
    readFile(file, 'utf8').catch((error: unknown) => {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      throw new OperatorError(
        `${file} cannot be read (${code}); homeward init makes the operator's certificate`,
        EXIT_CODES.configuration,
      );
    });
  return { ca: await read(caFile), cert: await read(certFile), key: await read(keyFile) };
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly servername: string;
}

/** A job may take long, so nothing limits the wait for its answer but the connection. */
function post(
  place: Place,
  credentials: Credentials,
  body: string,
  site: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const where = `${place.host}:${place.port}`;
  const fail = (text: string): OperatorError =>
    new OperatorError(
      `site ${site} cannot be reached at its control port ${where}: ${text}; is its back end running?`,
    );
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        ...place,
        ...credentials,
        method: 'POST',
        path: '/v1/care',
        agent: false,
        minVersion: 'TLSv1.2',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
          if (text.length > ANSWER_BYTES) asked.destroy(new Error('the answer is too long'));
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.on('error', (error) => reject(fail(error.message)));
      },
    );
    const limit = setTimeout(
      () => asked.destroy(new Error('no connection in time')),
      CONNECT_LIMIT_MS,
    );
    asked.on('socket', (socket) => {
      socket.setKeepAlive(true, 30_000);
      socket.once('secureConnect', () => clearTimeout(limit));
    });
    asked.on('error', (error) => {
      clearTimeout(limit);
      reject(fail(error.message));
    });
    asked.end(body);
  });
}

function errorIn(text: string): string {
  try {
    const { error, message } = JSON.parse(text) as { error?: unknown; message?: unknown };
    return typeof message === 'string' ? message : String(error);
  } catch {
    return 'it does not say why';
  }
}
