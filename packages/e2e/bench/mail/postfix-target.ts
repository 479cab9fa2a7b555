/**
 * Postfix in front of Dovecot as the peer: Postfix takes submission, logins judged by Dovecot, and
 * hands everything to Dovecot by LMTP, which writes Maildirs; both with queue and syncs as shipped.
 * Mail by LMTP goes to Dovecot itself. Nothing is ever installed here.
 */
import { accessSync, constants } from 'node:fs';
import { chmod, chown, mkdir, readdir, writeFile } from 'node:fs/promises';
import {
  createTempFolder,
  findFreePort,
  startPostfix,
  startProcess,
  type TestPostfix,
} from '@homeward/testkit';
import { waitUntil } from '../../src/index.ts';
import { listDescendants } from '../../src/demo/process-tree.ts';
import { SmtpLoad } from '../../src/load/smtp-load.ts';
import type { MailTarget } from './mail-target.ts';

const DOVECOT = '/usr/sbin/dovecot';
const PROGRAMS = [DOVECOT, '/usr/lib/dovecot/lmtp', '/usr/sbin/postfix'];

/** What to tell who has no such peer. */
export const HOW_TO_GET_POSTFIX: string =
  'Postfix and Dovecot with LMTP were not found, so there is nothing to compare with. On Debian: ' +
  'apt-get install postfix dovecot-lmtpd, then stop the daemons that the packages start.';

/** nobody; mailboxes belong to it. */
const MAIL_UID = 65_534;
const QUEUE_LIMIT_MS = 120_000;
const DOMAIN = 'example.test';

/** Whether it is installed, and may be run. */
export function hasPostfix(): boolean {
  return process.getuid?.() === 0 && PROGRAMS.every(isExecutable);
}

/** Starts both, and waits until they serve. */
export async function startPostfixTarget(recipientCount: number): Promise<MailTarget> {
  await using stack = new AsyncDisposableStack();
  const folder = await createTempFolder('mail-peer');
  stack.defer(() => folder.remove());
  await chmod(folder.path, 0o755);
  await mkdir(folder.join('mail'));
  await chown(folder.join('mail'), MAIL_UID, MAIL_UID);
  const lmtpPort = await findFreePort();
  await writeFile(folder.join('dovecot.conf'), formatDovecot(folder.path, lmtpPort));
  const dovecot = startProcess(DOVECOT, { args: ['-F', '-c', folder.join('dovecot.conf')] });
  stack.defer(async () => {
    dovecot.signal('SIGTERM');
    await dovecot.stop();
  });
  const openLmtp = (): Promise<SmtpLoad> => SmtpLoad.open({ port: lmtpPort, protocol: 'lmtp' });
  await waitUntil('dovecot to answer', async () => {
    await using _load = await openLmtp();
    return true;
  });
  const postfix = stack.use(
    await startPostfix({
      domains: [DOMAIN],
      lmtp: `127.0.0.1:${lmtpPort}`,
      config: formatPostfix(folder.path),
    }),
  );
  const stop = stack.move();
  const names = Array.from({ length: recipientCount }, (_, index) => `user${index}@${DOMAIN}`);
  return {
    name: 'Postfix and Dovecot',
    senders: names.slice(0, 8).map((name) => ({ name, password: 'secret' })),
    recipients: names,
    openSubmission: () => SmtpLoad.open({ port: postfix.port, protocol: 'smtp' }),
    openLmtp,
    awaitDelivered: async () => {
      await waitUntil('an empty queue', () => isQueueEmpty(postfix), QUEUE_LIMIT_MS);
    },
    countMessages: (recipients) => countFiles(recipients.map((name) => folder.join('mail', name))),
    listPids: () => [dovecot.pid, postfix.pid].flatMap(withDescendants),
    [Symbol.asyncDispose]: () => stop.disposeAsync(),
  };
}

function withDescendants(pid: number): readonly number[] {
  return [pid, ...listDescendants(pid).map((one) => one.pid)];
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function isQueueEmpty({ listQueue }: TestPostfix): Promise<true | undefined> {
  return (await listQueue()).length === 0 || undefined;
}

/** Messages in Maildirs that nobody has opened yet. */
async function countFiles(homes: readonly string[]): Promise<number> {
  const counts = await Promise.all(
    homes.map(async (home) => {
      const files = await readdir(`${home}/Maildir/new`).catch(() => []);
      return files.length;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

function formatPostfix(folder: string): string {
  return `smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = ${folder}/auth
smtpd_recipient_limit = 1000
smtpd_relay_restrictions = permit_sasl_authenticated, reject`;
}

function formatDovecot(folder: string, lmtpPort: number): string {
  return `base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
protocols = lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
mail_location = maildir:~/Maildir
passdb {
  driver = static
  args = nopassword=y
}
userdb {
  driver = static
  args = uid=${MAIL_UID} gid=${MAIL_UID} home=${folder}/mail/%u allow_all_users=yes
}
namespace inbox {
  inbox = yes
}
service auth {
  unix_listener ${folder}/auth {
    mode = 0666
  }
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${lmtpPort}
  }
}
`;
}
