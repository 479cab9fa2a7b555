/** `homeward mailbox usage`: what an account's mail takes, and what it may take. */
import { formatMailbox } from '@homeward/imap/grammar';
import { unknownAccount } from '../accounts/account-view.ts';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { listOwnerFolders } from '../export/owner-folder.ts';
import { formatSize } from '../output/byte-size.ts';
import { formatTable } from '../output/format-table.ts';
import type { OwnerConnection } from '../owner/owner-connection.ts';
import { openDeployment } from '../wiring.ts';

/** One folder; a contract with scripts. */
export interface FolderUsage {
  readonly path: string;
  readonly messageCount: number;
  readonly unseenCount: number;
  readonly totalBytes: number;
}

/** Of the mailbox; limits as they are in force. */
export interface MailboxUsage {
  readonly messageCount: number;
  readonly messageLimit: number | null;
  readonly totalBytes: number;
  /** In steps of 1,024. */
  readonly byteLimit: number | null;
}

/** @throws OperatorError if the site is away. */
export async function showUsage(
  context: CommandContext,
  which: string,
  options: OperatorOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const account = await deployment.accounts.find(which);
  if (account === undefined) throw unknownAccount(which);
  const connection = await deployment.connectToOwner(account);
  try {
    const folders = await readFolders(connection);
    const usage = sumUp(folders, await readLimits(connection));
    const result = { account: account.address, ...usage, folders };
    printResult(context, options, result, () => formatUsage(usage, folders));
  } finally {
    await connection.close();
  }
}

async function readFolders(connection: OwnerConnection): Promise<readonly FolderUsage[]> {
  const folders: FolderUsage[] = [];
  for (const { path } of await listOwnerFolders(connection)) {
    const command = `STATUS ${formatMailbox(path)} (MESSAGES UNSEEN SIZE)`;
    const { status, untagged } = await connection.run(command);
    // It was deleted meanwhile.
    if (status !== 'OK') continue;
    const find = (name: string): number =>
      Number(new RegExp(`[( ]${name} (\\d+)`).exec(untagged.join(' '))?.[1] ?? 0);
    const [messageCount, unseenCount] = [find('MESSAGES'), find('UNSEEN')];
    folders.push({ path, messageCount, unseenCount, totalBytes: find('SIZE') });
  }
  return folders;
}

type Limits = Pick<MailboxUsage, 'messageLimit' | 'byteLimit'>;

/** RFC 9208 §5: STORAGE in units of 1,024 octets. */
async function readLimits(connection: OwnerConnection): Promise<Limits> {
  const { untagged } = await connection.run('GETQUOTA ""');
  const find = (name: string): number | undefined => {
    const limit = new RegExp(`[( ]${name} \\d+ (\\d+)`).exec(untagged.join(' '))?.[1];
    return limit === undefined ? undefined : Number(limit);
  };
  const storage = find('STORAGE');
  return {
    byteLimit: storage === undefined ? null : storage * 1_024,
    messageLimit: find('MESSAGE') ?? null,
  };
}

function sumUp(folders: readonly FolderUsage[], limits: Limits): MailboxUsage {
  return {
    messageCount: folders.reduce((sum, { messageCount }) => sum + messageCount, 0),
    totalBytes: folders.reduce((sum, { totalBytes }) => sum + totalBytes, 0),
    ...limits,
  };
}

function formatUsage(
  { messageCount, messageLimit, totalBytes, byteLimit }: MailboxUsage,
  folders: readonly FolderUsage[],
): string {
  const of = (limit: number | null, text: string): string => (limit === null ? '' : ` of ${text}`);
  const rows = [
    ...folders.map((folder) => [
      folder.path,
      String(folder.messageCount),
      String(folder.unseenCount),
      formatSize(folder.totalBytes),
    ]),
    [
      'all',
      `${messageCount}${of(messageLimit, String(messageLimit))}`,
      String(folders.reduce((sum, { unseenCount }) => sum + unseenCount, 0)),
      `${formatSize(totalBytes)}${of(byteLimit, formatSize(byteLimit ?? 0))}`,
    ],
  ];
  return formatTable(['folder', 'messages', 'unread', 'size'], rows);
}
