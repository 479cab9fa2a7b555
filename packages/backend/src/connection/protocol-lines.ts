/**
 * A session's lines in the back end's protocol log: its login, each command, its end. They carry
 * the conversation's id and the client's own address, so they join with the front end's lines.
 */
import {
  describeArguments as describeImapArguments,
  type SessionEvent as ImapEvent,
} from '@homeward/imap/session';
import type { Protocol } from '@homeward/directory';
import { formatEndpoint, type Endpoint } from '@homeward/net';
import {
  describeArguments as describePop3Arguments,
  type SessionEvent as Pop3Event,
} from '@homeward/pop3/session';
import type { SessionEvent as SmtpEvent } from '@homeward/smtp/session';
import type { LoginMethod } from '@homeward/sasl';
import { MASK, type SessionLog } from '@homeward/service';
import type { Login, LoginRefusalReason } from '../login/login.ts';

/** Whose lines they are. */
export interface LoggedSession {
  readonly protocol: Protocol;
  /** Empty where no front end said one that could be believed. */
  readonly conversationId: string;
  readonly client: Endpoint;
}

/** A login that did not get in. */
export interface RefusedLine {
  readonly protocol: Protocol;
  readonly method: LoginMethod;
  readonly reason: LoginRefusalReason;
  readonly name: string | undefined;
}

/** One line, under the front end's conversation where that is known. */
export function noteRefusedLogin(
  lines: SessionLog,
  { protocol, method, reason, name }: RefusedLine,
): void {
  lines.user = name;
  lines.add(() => ({
    command: commandOf(protocol),
    parameters: `${method} ${MASK}`,
    context: { result: protocol === 'pop3' ? 'ERR' : 'NO', error: reason },
  }));
}

/** @param peer Who connected: a front end, where people do not log in here themselves. */
export function noteLogin(lines: SessionLog, login: Login, peer: Endpoint): void {
  lines.user = login.loginName;
  const isProxied = peer.address !== login.clientAddress || peer.port !== login.clientPort;
  lines.add(() => ({
    command: commandOf(login.protocol),
    parameters: `${login.method} ${MASK}`,
    context: {
      result: 'OK',
      message: isProxied ? `FrontEnd:${formatEndpoint(peer)}` : undefined,
    },
  }));
}

/** Nothing for other events than commands. */
export function noteImapCommand(lines: SessionLog, event: ImapEvent): void {
  // Asked first: most sessions are not logged, and a closure for each command costs.
  if (event.kind !== 'command' || !lines.isOn) return;
  const { name, command, outcome, text } = event;
  lines.add(() => ({
    command: name,
    parameters: command && describeImapArguments(command),
    durationMs: event.durationMs,
    requestBytes: event.requestBytes,
    responseBytes: event.responseBytes,
    context: { result: outcome, message: outcome === 'OK' ? undefined : text },
  }));
}

function commandOf(protocol: Protocol): string {
  return protocol === 'imap' ? 'authenticate' : 'auth';
}

/**
 * Commands with their reply's code, and what became of a message; no addresses: whose they are is
 * told by the worker's own log.
 */
export function noteSmtpCommand(lines: SessionLog, event: SmtpEvent): void {
  if (event.kind === 'failed' || !lines.isOn) return;
  if (event.kind === 'command') {
    const { name, code, durationMs, requestBytes, responseBytes } = event;
    lines.add(() => ({
      command: name.toLowerCase(),
      durationMs,
      requestBytes,
      responseBytes,
      context: { result: `${code}` },
    }));
    return;
  }
  const { sizeBytes, recipientCount, refusedCount, reference } = event;
  lines.add(() => ({
    command: 'message',
    requestBytes: sizeBytes,
    parameters: `recipients=${recipientCount} refused=${refusedCount}`,
    context: { message: reference },
  }));
}

/** Nothing for other events than commands. */
export function notePop3Command(lines: SessionLog, event: Pop3Event): void {
  if (event.kind !== 'command' || !lines.isOn) return;
  const { name, command, outcome } = event;
  lines.add(() => ({
    command: name.toLowerCase(),
    parameters: command && describePop3Arguments(command),
    durationMs: event.durationMs,
    requestBytes: event.requestBytes,
    responseBytes: event.responseBytes,
    context: { result: outcome },
  }));
}

/** @param reason From the closed list of the session's protocol. */
export function noteEnd(lines: SessionLog, reason: string, durationMs: number): void {
  lines.add(() => ({ command: 'CloseSession', durationMs, context: { message: reason } }));
}
