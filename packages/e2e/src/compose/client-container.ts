/** A mail program in a container of its own, whose address is known: it logs in once. */
import type { ComposeAccount, ComposeProject, PublicName } from './compose-project.ts';

/** What the program learned. */
export interface Visit {
  /** Its own end of the connection. */
  readonly address: string;
  readonly port: number;
  readonly answer: string;
}

/** Node.js and nothing else: TLS, LOGIN, LOGOUT; facts come by standard input. */
const PROGRAM = `
const { connect } = require('node:tls');
const { readFileSync } = require('node:fs');
const { ca, servername, user, password } = JSON.parse(readFileSync(0, 'utf8'));
const socket = connect({ host: 'haproxy', port: 1993, servername, ca });
let text = '';
socket.setEncoding('latin1').on('data', (more) => {
  text += more;
  if (/^\\* OK/.test(text) && !socket.isAsked) {
    socket.isAsked = true;
    socket.write('a LOGIN ' + user + ' ' + password + '\\r\\nb LOGOUT\\r\\n');
  }
});
const { promise, resolve } = Promise.withResolvers();
socket.on('secureConnect', () => resolve({ address: socket.localAddress, port: socket.localPort }));
socket.on('end', async () => {
  const answer = /^a .*$/m.exec(text)?.[0].trim() ?? text;
  console.log(JSON.stringify({ ...(await promise), answer }));
  socket.end();
});
`;

/** @throws If the container does not end with 0. */
export async function visitFromContainer(
  project: ComposeProject,
  account: ComposeAccount,
  { ca, serverName }: PublicName,
): Promise<Visit> {
  const facts = { ca, servername: serverName, user: account.address, password: account.password };
  const printed = await project.docker(
    [
      'run',
      '--rm',
      '--interactive',
      ...['--network', `${project.name}_public`, '--no-healthcheck'],
      ...['--entrypoint', 'node', project.image, '-e', PROGRAM],
    ],
    { input: JSON.stringify(facts) },
  );
  return JSON.parse(printed) as Visit;
}
