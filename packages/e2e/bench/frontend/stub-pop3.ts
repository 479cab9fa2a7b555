/** The home's half of POP3: takes everybody, as the one of IMAP in `stub-home.ts` does. */
import type { Socket } from 'node:net';

const CAPABILITIES = ['SASL PLAIN OAUTHBEARER', 'USER', 'UIDL', 'TOP', 'RESP-CODES', 'PIPELINING'];

/** Serves one connection until its client ends it. */
export function servePop3(socket: Socket): void {
  let unfinished = '';
  let awaitsSecret = false;
  socket.setEncoding('latin1');
  socket.on('error', () => {});
  socket.on('data', (text: string) => {
    const lines = (unfinished + text).split('\r\n');
    unfinished = lines.pop() ?? '';
    for (const line of lines) takeLine(line);
  });
  socket.on('end', () => socket.end());
  socket.write('+OK ready\r\n');

  function takeLine(line: string): void {
    const [verb = '', , initial] = line.split(' ', 3);
    if (awaitsSecret) {
      awaitsSecret = false;
      socket.write('+OK Logged in\r\n');
      return;
    }
    switch (verb.toUpperCase()) {
      case 'CAPA':
        socket.write(`+OK\r\n${CAPABILITIES.join('\r\n')}\r\n.\r\n`);
        break;
      case 'AUTH':
        awaitsSecret = initial === undefined;
        socket.write(awaitsSecret ? '+ \r\n' : '+OK Logged in\r\n');
        break;
      case 'QUIT':
        socket.end('+OK Goodbye\r\n');
        break;
      default:
        socket.write('+OK\r\n');
    }
  }
}
