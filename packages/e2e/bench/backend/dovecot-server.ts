/**
 * Dovecot 2.3 as the peer, where it is installed: Maildir and syncs as shipped, any password,
 * everything in a temporary folder, as an operator would run it for a few clients. Nothing is
 * ever installed here.
 */
import { accessSync, constants } from 'node:fs';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createTempFolder, findFreePort, startProcess } from '@homeward/testkit';
import { waitUntil } from '../../src/index.ts';
import { listDescendants } from '../../src/demo/process-tree.ts';
import { ImapLoad } from '../../src/load/imap-load.ts';
import { ACCOUNT_COUNT, type MailServer } from './mail-server.ts';

/** What to tell who has no Dovecot. */
export const HOW_TO_GET_DOVECOT: string =
  'Dovecot was not found, so there is nothing to compare with. On Debian: apt-get install ' +
  'dovecot-imapd dovecot-pop3d, then stop the daemon that the package starts.';

/** nobody; mailboxes belong to it when root runs the measurement. */
const MAIL_UID = 65_534;

/** @returns undefined if it is not installed. */
export function findDovecot(): string | undefined {
  const folders = [
    ...(process.env['PATH'] ?? '').split(path.delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
  ];
  return folders.map((folder) => path.join(folder, 'dovecot')).find(isExecutable);
}

/** Starts it and waits until it serves. Needs root, as Dovecot's login processes do. */
export async function startDovecotServer(binary: string): Promise<MailServer> {
  const folder = await createTempFolder('dovecot');
  await chmod(folder.path, 0o755);
  await mkdir(folder.join('mail'));
  await chown(folder.join('mail'), MAIL_UID, MAIL_UID);
  const ports = { imap: await findFreePort(), pop3: await findFreePort() };
  const file = folder.join('dovecot.conf');
  await writeFile(file, createConfiguration(folder.path, ports));
  const running = startProcess(binary, { args: ['-F', '-c', file] });
  const stop = async (): Promise<void> => {
    running.signal('SIGTERM');
    await running.stop();
    await folder.remove();
  };
  try {
    await waitUntil('dovecot to answer', () => greets(ports.imap));
  } catch (error) {
    await stop();
    throw new Error(`dovecot did not start:\n${running.output}`, { cause: error });
  }
  return {
    name: 'Dovecot',
    accounts: Array.from({ length: ACCOUNT_COUNT }, (_unused, index) => ({
      name: `user${index}@example.test`,
      password: 'secret',
      imapPort: ports.imap,
      pop3Port: ports.pop3,
    })),
    listPids: () => [running.pid, ...listDescendants(running.pid).map(({ pid }) => pid)],
    [Symbol.asyncDispose]: stop,
  };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function greets(port: number): Promise<true> {
  await using _load = await ImapLoad.open(port);
  return true;
}

function createConfiguration(folder: string, ports: { imap: number; pop3: number }): string {
  return `base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
protocols = imap pop3
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_max_userip_connections = 0
mail_location = maildir:~/Maildir
passdb {
  driver = static
  args = nopassword=y
}
userdb {
  driver = static
  args = uid=${MAIL_UID} gid=${MAIL_UID} home=${folder}/mail/%u
}
namespace inbox {
  inbox = yes
  separator = /
}
${createService('imap', ports.imap)}
${createService('pop3', ports.pop3)}
`;
}

// Processes that serve one client after another, as Dovecot's guide to performance has it.
function createService(protocol: string, port: number): string {
  return `service ${protocol}-login {
  service_count = 0
  process_min_avail = 1
  inet_listener ${protocol} {
    port = ${port}
  }
  inet_listener ${protocol}s {
    port = 0
  }
}
service ${protocol} {
  process_min_avail = 1
  service_count = 100
}`;
}
