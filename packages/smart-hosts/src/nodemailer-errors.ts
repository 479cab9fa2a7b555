/** What nodemailer's answers and errors mean: a verdict on the message, or a failure of the host. */
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { type Answer, cleanText, readAnswer } from './answer.ts';
import { HostFailure, Interrupted, MessageFault } from './host-failure.ts';
import type { Verdict } from './transaction.ts';

/** How far a connection, or the message on it, had come. */
export type Stage = 'connect' | 'login' | 'envelope' | 'content' | 'sent';

/** What an attempt to send came to. */
export interface SendEnd {
  readonly addresses: readonly string[];
  /** Whole replies by recipient. */
  readonly refusals: ReadonlyMap<string, string>;
  readonly isNotifyPassedOn: boolean;
  readonly stage: Stage;
  readonly error: Error | null | undefined;
  /** The last word about the whole message. */
  readonly response: string | undefined;
}

/** RFC 4954 §6 and the like: said about us and not about the message. */
const LOGIN_CODES: ReadonlySet<number> = new Set([454, 530, 534, 535, 538]);

/** @returns undefined if there is none, and the host failed. */
export function readVerdict(end: SendEnd): Verdict | undefined {
  const { error, response, stage } = end;
  if (!error) return spread(end, readAnswer(response ?? ''));
  const { command, response: reply = '' } = error as SMTPConnection.SMTPError;
  const answer = readAnswer(reply);
  if (answer === undefined) return undefined;
  // It closes, and has not the message: somebody else may have time for it.
  if (answer.code === 421 && stage !== 'sent') return undefined;
  if (command === 'MAIL FROM') {
    if (answer.code < 500 || isAboutUs(answer)) return { kind: 'turned-away', answer };
    // What was said to RCPT behind it came of this alone.
    return spread({ ...end, refusals: new Map() }, answer);
  }
  if (command === 'RCPT TO' || command === 'DATA') return spread(end, answer);
  return undefined;
}

/** A 5yz that will be another one when somebody has mended the settings, or the session. */
export function isAboutUs({ code }: Answer): boolean {
  return LOGIN_CODES.has(code) || code === 503;
}

/** Any error of an operation as what it means. */
export function asFailure(error: unknown, stage: Stage): Error {
  if (error instanceof HostFailure || error instanceof Interrupted) return error;
  if (!(error instanceof Error)) return new HostFailure('protocol', 'unknown');
  const { code = '', originalCode = '' } = error as SMTPConnection.SMTPError;
  const text = cleanText(error.message);
  if (code === 'ESTREAM') return new MessageFault(text, { cause: error });
  return new HostFailure(reasonOf(`${code} ${originalCode}`, stage), text, { cause: error });
}

function reasonOf(codes: string, stage: Stage): HostFailure['reason'] {
  if (stage === 'sent') return 'lost-after-content';
  if (stage === 'login') return 'login';
  if (codes.includes('EPROTOCOL')) return 'protocol';
  if (stage !== 'connect') return 'lost';
  return /ETLS|CERT|SSL|VERIFY|ISSUER/u.test(codes) ? 'tls' : 'unreachable';
}

function spread(
  { addresses, refusals, isNotifyPassedOn }: SendEnd,
  answer: Answer | undefined,
): Verdict | undefined {
  if (answer === undefined) return undefined;
  const entries = addresses.map((address): [string, Answer] => {
    const refused = refusals.get(address);
    return [address, (refused === undefined ? undefined : readAnswer(refused)) ?? answer];
  });
  return { kind: 'answered', answers: new Map(entries), isNotifyPassedOn };
}
