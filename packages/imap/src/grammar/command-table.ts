/**
 * Every command that can be read, as data. What may be said in which state is the session's.
 */
import {
  deleteAclSyntax,
  getAclSyntax,
  listRightsSyntax,
  myRightsSyntax,
  setAclSyntax,
} from './commands/acl.ts';
import { appendSyntax } from './commands/append.ts';
import { authenticateSyntax } from './commands/authenticate.ts';
import type { CommandSyntax } from './commands/command-syntax.ts';
import { compressSyntax } from './commands/compress.ts';
import { copySyntax } from './commands/copy.ts';
import { createSyntax } from './commands/create.ts';
import { deleteSyntax } from './commands/delete.ts';
import { enableSyntax } from './commands/enable.ts';
import { esearchSyntax } from './commands/esearch.ts';
import { expungeSyntax } from './commands/expunge.ts';
import { fetchSyntax } from './commands/fetch.ts';
import { idSyntax } from './commands/id.ts';
import { listSyntax } from './commands/list.ts';
import { loginSyntax } from './commands/login.ts';
import { lsubSyntax } from './commands/lsub.ts';
import { getMetadataSyntax, setMetadataSyntax } from './commands/metadata.ts';
import { moveSyntax } from './commands/move.ts';
import { getQuotaRootSyntax, getQuotaSyntax, setQuotaSyntax } from './commands/quota.ts';
import { notifySyntax } from './commands/notify.ts';
import { renameSyntax } from './commands/rename.ts';
import { replaceSyntax } from './commands/replace.ts';
import { searchSyntax } from './commands/search.ts';
import { examineSyntax, selectSyntax } from './commands/select.ts';
import { sortSyntax } from './commands/sort.ts';
import { statusSyntax } from './commands/status.ts';
import { storeSyntax } from './commands/store.ts';
import { subscribeSyntax, unsubscribeSyntax } from './commands/subscribe.ts';
import { threadSyntax } from './commands/thread.ts';
import { commandsWithoutArguments } from './commands/without-arguments.ts';

/** One row for each command word. */
export const commandTable: readonly CommandSyntax[] = [
  ...commandsWithoutArguments,
  idSyntax,
  enableSyntax,
  compressSyntax,
  notifySyntax,
  authenticateSyntax,
  loginSyntax,
  selectSyntax,
  examineSyntax,
  createSyntax,
  deleteSyntax,
  renameSyntax,
  subscribeSyntax,
  unsubscribeSyntax,
  listSyntax,
  lsubSyntax,
  statusSyntax,
  getQuotaSyntax,
  getQuotaRootSyntax,
  setQuotaSyntax,
  getMetadataSyntax,
  setMetadataSyntax,
  getAclSyntax,
  setAclSyntax,
  deleteAclSyntax,
  listRightsSyntax,
  myRightsSyntax,
  appendSyntax,
  replaceSyntax,
  expungeSyntax,
  searchSyntax,
  esearchSyntax,
  sortSyntax,
  threadSyntax,
  fetchSyntax,
  storeSyntax,
  copySyntax,
  moveSyntax,
];

const byWord: ReadonlyMap<string, CommandSyntax> = new Map(
  commandTable.map((syntax) => [syntax.word, syntax]),
);

/** @param word In capitals. */
export function findCommandSyntax(word: string): CommandSyntax | undefined {
  return byWord.get(word);
}
