/** How sessions at a real home end that cannot be asked to end them. */
import type { StreamEnd } from '@homeward/wire';
import type { FrontEndWorld } from '../../testing/front-end-world.ts';
import { logIn, popIn } from './peer-site.ts';

const BYE = /^\* BYE An administrator has ended this session/;

/**
 * Ends an APPEND that is slow, a POP3 session between two commands, and an IDLE; throws unless each
 * has its answer and a farewell.
 *
 * @returns How each connection ended.
 */
export async function endSafely(
  world: FrontEndWorld,
  password: string,
): Promise<readonly StreamEnd[]> {
  const author = (await logIn(world, password)).client;
  await author.sendLine('p APPEND INBOX {24}');
  await author.expectLine(/^\+ /);
  await author.send('Subject: half\r\n\r\n');
  const pop3 = (await popIn(world, password)).client;
  await pop3.sendLine('UIDL');
  await pop3.expectLine(/^\+OK/);
  await pop3.readDotLines();
  const idler = (await logIn(world, password)).client;
  await idler.expectOk('SELECT INBOX');
  await idler.sendLine('i IDLE');
  await idler.expectLine(/^\+ /);
  await world.directory.operations.putSessionEnd({
    id: 'k1',
    requestedBy: 'root@here',
    requestedAtMs: Date.now(),
  });
  await idler.expectLine(BYE);
  await pop3.expectLine(/^-ERR \[SYS\/TEMP\] An administrator has ended this session/);
  await author.send('rest ok\r\n');
  await author.expectLine(/^p OK/);
  await author.expectLine(BYE);
  const clients = [author, pop3, idler];
  const ends = await Promise.all(clients.map((client) => client.expectEnd()));
  await Promise.all(clients.map((client) => client.close()));
  return ends;
}
