/**
 * A home that costs as little as it can: takes everybody, knows one message, keeps nothing. All
 * proxies under measurement forward to it, in plaintext or in TLS. IMAP is here, POP3 in
 * `stub-pop3.ts`.
 *
 *     node stub-home.ts '{"certFile": …, "keyFile": …, "messageBytes": 262144}'
 *
 * Prints `ready {"imap": PORT, "imaps": PORT, "pop3": PORT, "pop3s": PORT}` and serves until it is ended.
 */
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { servePop3 } from './stub-pop3.ts';

interface StubOptions {
  readonly certFile: string;
  readonly keyFile: string;
  readonly messageBytes: number;
}

const CAPABILITIES = 'IMAP4rev1 LITERAL+ SASL-IR ID IDLE UIDPLUS AUTH=PLAIN AUTH=OAUTHBEARER';

const { certFile, keyFile, messageBytes } = JSON.parse(process.argv[2] ?? '') as StubOptions;
const fetched = createFetched(messageBytes);

/** The answer to FETCH, up to the tagged line. */
function createFetched(byteCount: number): Buffer {
  const line = `${'x'.repeat(74)}\r\n`;
  const message = line.repeat(Math.ceil(byteCount / line.length)).slice(0, byteCount - 2);
  return Buffer.from(`* 1 FETCH (BODY[] {${byteCount}}\r\n${message}\r\n)\r\n`, 'latin1');
}

function serve(socket: Socket): void {
  let unfinished = '';
  socket.setEncoding('latin1');
  socket.on('error', () => {});
  socket.on('data', (text: string) => {
    const lines = (unfinished + text).split('\r\n');
    unfinished = lines.pop() ?? '';
    for (const line of lines) unfinished = takeLine(socket, line) + unfinished;
  });
  socket.on('end', () => socket.end());
  socket.write(`* OK [CAPABILITY ${CAPABILITIES}] ready\r\n`);
}

/** @returns What is to stand before the next line: this one, if a literal goes on there. */
function takeLine(socket: Socket, line: string): string {
  if (/\{\d+\}$/.test(line)) {
    socket.write('+ go on\r\n');
    return line;
  }
  const [tag = '', verb = ''] = line.split(' ', 2);
  switch (verb.toUpperCase()) {
    case 'LOGIN':
    case 'AUTHENTICATE':
      socket.write(`${tag} OK [CAPABILITY ${CAPABILITIES}] Logged in\r\n`);
      break;
    case 'CAPABILITY':
      socket.write(`* CAPABILITY ${CAPABILITIES}\r\n${tag} OK Done\r\n`);
      break;
    case 'FETCH':
      socket.write(Buffer.concat([fetched, Buffer.from(`${tag} OK Done\r\n`)]));
      break;
    case 'IDLE':
      socket.write('+ idling\r\n');
      break;
    case 'LOGOUT':
      socket.end(`* BYE Goodbye\r\n${tag} OK Done\r\n`);
      break;
    default:
      socket.write(`${tag} OK Done\r\n`);
  }
  return '';
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 }, resolve);
  });
  return (server.address() as AddressInfo).port;
}

const options = { noDelay: true, allowHalfOpen: true };
const tls = { ...options, cert: readFileSync(certFile), key: readFileSync(keyFile) };
const ports = {
  imap: await listen(createServer(options, serve)),
  imaps: await listen(createTlsServer(tls, serve)),
  pop3: await listen(createServer(options, servePop3)),
  pop3s: await listen(createTlsServer(tls, servePop3)),
};
process.stdout.write(`ready ${JSON.stringify(ports)}\n`);
