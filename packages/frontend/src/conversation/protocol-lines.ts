/**
 * A conversation's lines in the front end's protocol log: opening, TLS, each login, the end. In
 * between only octets pass here; the home logs each command under the same id.
 */
import type { Credentials, LoginMethod } from '@homeward/sasl';
import { MASK, type ProtocolLogContext, type SessionLog } from '@homeward/service';
import type { LoginFault } from '../login/login-fault.ts';
import type { ClientConnection } from './ports.ts';
import type { MailProtocol, TlsFacts } from '../login/ports.ts';

/** A session's lines; undefined where its protocol is not logged. */
export type ProtocolLines = SessionLog | undefined;

const STARTTLS_COMMANDS: Readonly<Record<MailProtocol, string>> = {
  imap: 'starttls',
  pop3: 'stls',
  submission: 'starttls',
};

/** SMTP has numbers only; tools that read the column know words. */
const REFUSALS: Readonly<Record<MailProtocol, string>> = {
  imap: 'NO',
  pop3: 'ERR',
  submission: 'NO',
};

/** The beginning, by the name that Exchange gives it. */
export function noteOpening(
  lines: ProtocolLines,
  { via, tls }: Pick<ClientConnection, 'via' | 'tls'>,
): void {
  const facts = [tls && describeTls(tls), via && `Via:${via}`].filter((fact) => fact !== undefined);
  lines?.add(() => ({
    command: 'OpenSession',
    context: { message: facts.length === 0 ? undefined : facts.join(';') },
  }));
}

/** STARTTLS or STLS. @param tls Undefined when the handshake failed. */
export function noteTls(
  lines: ProtocolLines,
  protocol: MailProtocol,
  tls: TlsFacts | undefined,
  durationMs: number,
): void {
  lines?.add(() => ({
    command: STARTTLS_COMMANDS[protocol],
    durationMs,
    context:
      tls === undefined
        ? { result: REFUSALS[protocol], error: 'tls-failed' }
        : { result: 'OK', message: describeTls(tls) },
  }));
}

/** What a login came to. */
export interface LoginLine {
  readonly protocol: MailProtocol;
  readonly method: LoginMethod;
  readonly credentials: Credentials;
  readonly durationMs: number;
  readonly outcome: { readonly ok: true; readonly proxy: string } | LoginFault;
}

/** One login, its secret masked. A name that was let in is the session's user from then on. */
export function noteLogin(
  lines: ProtocolLines,
  { protocol, method, credentials, durationMs, outcome }: LoginLine,
): void {
  if (lines === undefined) return;
  lines.user = nameOf(credentials);
  lines.add(() => ({
    ...describeMethod(protocol, method, lines.user),
    durationMs,
    context: outcome.ok ? proxied(outcome.proxy) : refused(protocol, outcome),
  }));
  if (!outcome.ok) lines.user = undefined;
}

/** The end. @param octets What passed through the splice, if there was one. */
export function noteClosing(
  lines: ProtocolLines,
  durationMs: number,
  endedBy: string,
  octets: { readonly client: number; readonly home: number } = { client: 0, home: 0 },
): void {
  lines?.add(() => ({
    command: 'CloseSession',
    durationMs,
    requestBytes: octets.client,
    responseBytes: octets.home,
    context: { message: endedBy },
  }));
}

/** As Exchange says it, so that tools that look for it find it. */
function proxied(proxy: string): ProtocolLogContext {
  return { result: 'OK', message: `Proxy:${proxy}:SSL;ProxySuccess` };
}

function refused(protocol: MailProtocol, { reason, logDetail }: LoginFault): ProtocolLogContext {
  return { result: REFUSALS[protocol], message: logDetail, error: reason };
}

function nameOf(credentials: Credentials): string | undefined {
  const { loginName } = credentials;
  const actAs = credentials.kind === 'bearer' ? undefined : credentials.actAs;
  return actAs === undefined ? loginName : `${actAs}/${loginName}`;
}

function describeMethod(
  protocol: MailProtocol,
  method: LoginMethod,
  name: string | undefined,
): { readonly command: string; readonly parameters: string } {
  if (method === 'LOGIN') return { command: 'login', parameters: `${name ?? ''} ${MASK}` };
  if (method === 'USER') return { command: 'pass', parameters: MASK };
  const mechanism = method === 'AUTH-LOGIN' ? 'LOGIN' : method;
  return {
    command: protocol === 'imap' ? 'authenticate' : 'auth',
    parameters: `${mechanism} ${MASK}`,
  };
}

function describeTls({ version, cipher }: TlsFacts): string {
  return `TLS:${version};Cipher:${cipher}`;
}
