/** Fills a server before the rows run: the large folder, the huge one, and mail for POP3. */
import {
  type BenchSize,
  logIn,
  MAIN_ACCOUNT,
  messageAt,
  POP3_ACCOUNT,
  type RowContext,
} from './bench-row.ts';
import type { ImapLoad } from '../../src/load/imap-load.ts';
import { getAccount, type MailServer } from './mail-server.ts';

/** Messages on their way at once. */
const AT_ONCE = 100;

/** @param isHuge Whether a row wants the folder that is several times the large one. */
export async function fillServer(
  server: MailServer,
  corpus: readonly Uint8Array[],
  size: BenchSize,
  isHuge: boolean,
): Promise<RowContext> {
  await using load = await logIn(getAccount(server, MAIN_ACCOUNT));
  const { lines } = await load.expectOk('CAPABILITY');
  const context = { server, corpus, size, capabilities: new Set(lines.join(' ').split(' ')) };
  await load.expectOk('CREATE big');
  await fillFolder(context, load, 'big', size.folderCount);
  if (isHuge) await fillHuge(load, size);
  await using pop3Load = await logIn(getAccount(server, POP3_ACCOUNT));
  await fillFolder(context, pop3Load, 'INBOX', size.appendCount);
  return context;
}

/** By MULTIAPPEND where there is one; a stream of commands does nearly as well elsewhere. */
async function fillFolder(
  { corpus, capabilities }: RowContext,
  load: ImapLoad,
  folder: string,
  count: number,
): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE) {
    const messages = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_unused, at) =>
      messageAt(corpus, from + at),
    );
    if (capabilities.has('MULTIAPPEND')) await load.append(folder, ...messages);
    else await Promise.all(messages.map((message) => load.append(folder, message)));
  }
}

async function fillHuge(load: ImapLoad, { folderCount, hugeCount }: BenchSize): Promise<void> {
  await load.expectOk('CREATE huge');
  await load.expectOk('SELECT big');
  for (let count = 0; count < hugeCount; count += folderCount) {
    await load.expectOk(`COPY 1:${Math.min(folderCount, hugeCount - count)} huge`);
  }
  await load.expectOk('UNSELECT');
}
