/** Asks the control port of a worker: HTTP over TLS, by the operator's certificate. */
import { readFile } from 'node:fs/promises';
import type { CareAnswer, CareDesk, CareJob, CareValues } from '@homeward/backend/care';
import type { SiteRecord, WorkerAddress } from '@homeward/directory';
import { askControlPort, type ControlCredentials, systemClock } from '@homeward/service';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';

const CONNECT_LIMIT_MS = 10_000;
const ANSWER_BYTES = 16 * 1024 * 1024;

/** PEM files of the deployment. */
export interface ControlFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** @throws OperatorError if the site has no control port or the operator no certificate. */
export async function openControlDesk(
  site: SiteRecord,
  worker: WorkerAddress,
  files: ControlFiles,
): Promise<CareDesk> {
  const ask = await openWorker(site, worker, files);
  return {
    run: async <Kind extends CareJob['kind']>(
      job: Extract<CareJob, { readonly kind: Kind }>,
    ): Promise<CareAnswer<CareValues[Kind]>> =>
      (await ask('/v1/care', job)) as CareAnswer<CareValues[Kind]>,
  };
}

/**
 * Asks once.
 *
 * @returns The answer, as JSON has it.
 * @throws OperatorError also if there is none.
 */
export async function askWorker(
  site: SiteRecord,
  worker: WorkerAddress,
  files: ControlFiles,
  path: string,
  job: object,
): Promise<unknown> {
  const ask = await openWorker(site, worker, files);
  return ask(path, job);
}

async function openWorker(
  site: SiteRecord,
  { host, controlPort }: WorkerAddress,
  files: ControlFiles,
): Promise<(path: string, job: object) => Promise<unknown>> {
  if (controlPort === undefined) {
    throw new OperatorError(
      `site ${site.name} has no control port, as the directory has it; see "Control ports" in ` +
        'docs/operations/mailboxes.md',
      EXIT_CODES.refused,
    );
  }
  const credentials = await readCredentials(files);
  const place = { host, port: controlPort, serverName: site.serverName };
  return async (path, job) => {
    const question = {
      path,
      body: JSON.stringify(job),
      connectLimitMs: CONNECT_LIMIT_MS,
      answerBytes: ANSWER_BYTES,
    };
    const answer = await askControlPort(place, credentials, question, systemClock);
    if (!answer.ok) {
      throw new OperatorError(
        `site ${site.name} cannot be reached at its control port ${host}:${controlPort}: ` +
          explainFault(answer.detail),
      );
    }
    const { status, text } = answer;
    if (status === 200) return JSON.parse(text) as unknown;
    throw new OperatorError(`site ${site.name} refused: ${errorIn(text)}`, EXIT_CODES.refused);
  };
}

/** Node.js's own remedy for a certificate is to trust more authorities: not between our halves. */
function explainFault(detail: string): string {
  const [what = ''] = detail.split(';');
  const remedy = /certificate|altnames/i.test(what)
    ? CERTIFICATE_REMEDY
    : 'is its back end running?';
  return `${what}; ${remedy}`;
}

const CERTIFICATE_REMEDY =
  'something else listens there, or its certificate is of another deployment: ' +
  'see homeward certificates list';

async function readCredentials({
  caFile,
  certFile,
  keyFile,
}: ControlFiles): Promise<ControlCredentials> {
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

function errorIn(text: string): string {
  try {
    const { error, message } = JSON.parse(text) as { error?: unknown; message?: unknown };
    return typeof message === 'string' ? message : String(error);
  } catch {
    return 'it does not say why';
  }
}
