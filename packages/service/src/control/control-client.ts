/**
 * Asks a worker's control port: HTTP over TLS in which both sides show a certificate of the
 * deployment's own authority. One connection for one question: questions are rare, and a pool
 * would have to be emptied whenever certificates change.
 */
import { request, type RequestOptions } from 'node:https';
import type { Clock } from '../clock.ts';

/** Where the port is, and which name its certificate must carry. */
export interface ControlPlace {
  readonly host: string;
  readonly port: number;
  readonly serverName: string;
}

/** PEM texts: whom to believe, and who we are. */
export interface ControlCredentials {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface ControlQuestion {
  readonly path: string;
  /** JSON. */
  readonly body: string;
  readonly connectLimitMs: number;
  /** From the connection to the answer's end; undefined where a job may take hours. */
  readonly answerLimitMs?: number | undefined;
  readonly answerBytes: number;
}

export type ControlAnswer =
  | { readonly ok: true; readonly status: number; readonly text: string }
  /** Not reached, or it broke off; in the system's words. */
  | { readonly ok: false; readonly detail: string };

/** Never rejects. */
export function askControlPort(
  { host, port, serverName }: ControlPlace,
  credentials: ControlCredentials,
  question: ControlQuestion,
  clock: Pick<Clock, 'after'>,
): Promise<ControlAnswer> {
  return post(
    { host, port, servername: serverName, ...credentials, path: question.path },
    question,
    clock,
  );
}

function post(
  options: RequestOptions,
  { body, connectLimitMs, answerLimitMs, answerBytes }: ControlQuestion,
  clock: Pick<Clock, 'after'>,
): Promise<ControlAnswer> {
  return new Promise((resolve) => {
    const settle = (answer: ControlAnswer): void => {
      cancelLimit();
      resolve(answer);
    };
    const fail = (error: Error): void => settle({ ok: false, detail: error.message });
    const asked = request(
      {
        ...options,
        method: 'POST',
        agent: false,
        minVersion: 'TLSv1.2',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
          if (text.length > answerBytes) asked.destroy(new Error('the answer is too long'));
        });
        response.on('end', () => settle({ ok: true, status: response.statusCode ?? 0, text }));
        response.on('error', fail);
      },
    );
    const limit = (limitMs: number, words: string): (() => void) =>
      clock.after(limitMs, () => asked.destroy(new Error(words)), { keepsProcess: true });
    let cancelLimit = limit(connectLimitMs, 'no connection in time');
    asked.on('socket', (socket) => {
      socket.setKeepAlive(true, 30_000);
      socket.once('secureConnect', () => {
        cancelLimit();
        if (answerLimitMs !== undefined) cancelLimit = limit(answerLimitMs, 'no answer in time');
      });
    });
    asked.on('error', fail);
    asked.end(body);
  });
}
