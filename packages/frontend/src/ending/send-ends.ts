/** Sends orders to end sessions, by the front end's own certificate for control ports. */
import { readFile } from 'node:fs/promises';
import {
  askControlPort,
  SESSION_END_PATH,
  SESSION_END_RECEIPT,
  type Clock,
  type ControlAnswer,
  type SessionEndOrder,
} from '@homeward/service';
import type { FrontEndLog } from '../log-events.ts';
import type { SendEnds } from './home-control.ts';

const CONNECT_LIMIT_MS = 2_000;
const ANSWER_LIMIT_MS = 2_000;
const ANSWER_BYTES = 256 * 1024;

const NONE: ReadonlySet<string> = new Set();

/** PEM files; read for each order, so that new ones are in use at once. */
export interface ControlFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export function createSendEnds(
  files: ControlFiles,
  { clock, log }: { readonly clock: Clock; readonly log: FrontEndLog },
): SendEnds {
  return async (place, reason, conversationIds) => {
    const order: SessionEndOrder = { reason, conversationIds };
    const answer = await ask(files, clock, { place, body: JSON.stringify(order) });
    const receipt = readReceipt(answer);
    if (receipt.ok) return receipt.askedIds;
    const worker = `${place.host}:${place.port}`;
    log.log('home-control.failed', { worker, reason, detail: receipt.detail });
    return NONE;
  };
}

async function ask(
  { caFile, certFile, keyFile }: ControlFiles,
  clock: Clock,
  { place, body }: { readonly place: Parameters<SendEnds>[0]; readonly body: string },
): Promise<ControlAnswer> {
  try {
    const [ca, cert, key] = await Promise.all(
      [caFile, certFile, keyFile].map((file) => readFile(file, 'utf8')),
    );
    const credentials = { ca: ca ?? '', cert: cert ?? '', key: key ?? '' };
    const question = {
      path: SESSION_END_PATH,
      body,
      connectLimitMs: CONNECT_LIMIT_MS,
      answerLimitMs: ANSWER_LIMIT_MS,
      answerBytes: ANSWER_BYTES,
    };
    return await askControlPort(place, credentials, question, clock);
  } catch (error) {
    // A file that cannot be read, or holds no certificate.
    return { ok: false, detail: error instanceof Error ? error.message : 'unknown' };
  }
}

function readReceipt(
  answer: ControlAnswer,
):
  | { readonly ok: true; readonly askedIds: ReadonlySet<string> }
  | { readonly ok: false; readonly detail: string } {
  if (!answer.ok) return answer;
  if (answer.status !== 200) return { ok: false, detail: `answered ${answer.status}` };
  try {
    const { askedIds } = SESSION_END_RECEIPT.parse(JSON.parse(answer.text));
    return { ok: true, askedIds: new Set(askedIds) };
  } catch {
    return { ok: false, detail: 'its answer cannot be read' };
  }
}
