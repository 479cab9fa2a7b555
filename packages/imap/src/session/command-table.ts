/**
 * Every command of the session as data: when it is allowed, whether numbers may shift in its
 * answer, and what runs it. Dispatch, state checks, the test matrix and the documentation all
 * read this table.
 */
import type { Command, CommandName, CommandOf } from '../grammar/command.ts';
import { runDeleteAcl, runGetAcl, runListRights, runMyRights, runSetAcl } from './commands/acl.ts';
import { runCapability } from './commands/capability.ts';
import { runClose, runUnselect } from './commands/close.ts';
import { runCompress } from './commands/compress.ts';
import { runCopy, runMove } from './commands/copy.ts';
import { runCreate } from './commands/create.ts';
import { runDelete } from './commands/delete.ts';
import { runEnable } from './commands/enable.ts';
import { runEsearch } from './commands/esearch.ts';
import { runExpunge } from './commands/expunge.ts';
import { runFetch } from './commands/fetch.ts';
import { runId } from './commands/id.ts';
import { runIdle } from './commands/idle.ts';
import { runList } from './commands/list.ts';
import { runLogout } from './commands/logout.ts';
import { runLsub } from './commands/lsub.ts';
import { runGetMetadata, runSetMetadata } from './commands/metadata.ts';
import { runNamespace } from './commands/namespace.ts';
import { runNoop } from './commands/noop.ts';
import { runGetQuota, runGetQuotaRoot, runSetQuota } from './commands/quota.ts';
import { runNotify } from './commands/notify.ts';
import { runRename } from './commands/rename.ts';
import { runSearch } from './commands/search.ts';
import { runSelect } from './commands/select.ts';
import { runSort } from './commands/sort.ts';
import { runStatus } from './commands/status.ts';
import { runStore } from './commands/store.ts';
import { runSubscribe } from './commands/subscribe.ts';
import { runThread } from './commands/thread.ts';
import { usesKey } from './search/predicate.ts';
import type { CommandResult } from './command-result.ts';
import type { SessionContext, SessionState } from './session-context.ts';

/** One row of the table. */
export interface SessionCommand<Name extends CommandName> {
  /** States in which it may be given (RFC 3501 §6). */
  readonly states: readonly SessionState[];
  /** Whether EXPUNGE may be reported with its answer (RFC 3501 §7.4.1). */
  readonly mayReportExpunges: (command: CommandOf<Name>) => boolean;
  readonly run: (context: SessionContext, command: CommandOf<Name>) => Promise<CommandResult>;
}

/** Commands that make sense only before login, and those that the loop itself streams. */
type Elsewhere = 'append' | 'replace' | 'login' | 'authenticate' | 'starttls';

const always = (): boolean => true;
/** Sequence numbers must not shift under a client that is using them (RFC 3501 §7.4.1). */
const whenByUid = (command: { readonly numbering: 'sequence' | 'uid' }): boolean =>
  command.numbering === 'uid';
/** The same goes for numbers among the criteria (RFC 7162 §3.2.10.2). */
const whenNoNumbers = ({ numbering, criteria }: CommandOf<'search' | 'sort' | 'thread'>): boolean =>
  numbering === 'uid' && !usesKey(criteria, 'sequence');
const both: readonly SessionState[] = ['authenticated', 'selected'];
const selected: readonly SessionState[] = ['selected'];

type Table = {
  readonly [Name in Exclude<CommandName, Elsewhere>]: SessionCommand<Name>;
};

/** All commands of an authenticated session. */
export const sessionCommands: Table = {
  capability: { states: both, mayReportExpunges: always, run: runCapability },
  noop: { states: both, mayReportExpunges: always, run: runNoop },
  logout: { states: both, mayReportExpunges: always, run: runLogout },
  id: { states: both, mayReportExpunges: always, run: runId },
  namespace: { states: both, mayReportExpunges: always, run: runNamespace },
  notify: { states: both, mayReportExpunges: always, run: runNotify },
  compress: { states: both, mayReportExpunges: always, run: runCompress },
  enable: { states: both, mayReportExpunges: always, run: runEnable },
  select: { states: both, mayReportExpunges: always, run: runSelect },
  examine: { states: both, mayReportExpunges: always, run: runSelect },
  create: { states: both, mayReportExpunges: always, run: runCreate },
  delete: { states: both, mayReportExpunges: always, run: runDelete },
  rename: { states: both, mayReportExpunges: always, run: runRename },
  subscribe: { states: both, mayReportExpunges: always, run: runSubscribe },
  unsubscribe: { states: both, mayReportExpunges: always, run: runSubscribe },
  list: { states: both, mayReportExpunges: always, run: runList },
  lsub: { states: both, mayReportExpunges: always, run: runLsub },
  status: { states: both, mayReportExpunges: always, run: runStatus },
  getquota: { states: both, mayReportExpunges: always, run: runGetQuota },
  getquotaroot: { states: both, mayReportExpunges: always, run: runGetQuotaRoot },
  setquota: { states: both, mayReportExpunges: always, run: runSetQuota },
  getmetadata: { states: both, mayReportExpunges: always, run: runGetMetadata },
  setmetadata: { states: both, mayReportExpunges: always, run: runSetMetadata },
  getacl: { states: both, mayReportExpunges: always, run: runGetAcl },
  setacl: { states: both, mayReportExpunges: always, run: runSetAcl },
  deleteacl: { states: both, mayReportExpunges: always, run: runDeleteAcl },
  listrights: { states: both, mayReportExpunges: always, run: runListRights },
  myrights: { states: both, mayReportExpunges: always, run: runMyRights },
  idle: { states: both, mayReportExpunges: always, run: runIdle },
  check: { states: selected, mayReportExpunges: always, run: runNoop },
  close: { states: selected, mayReportExpunges: always, run: runClose },
  unselect: { states: selected, mayReportExpunges: always, run: runUnselect },
  expunge: { states: selected, mayReportExpunges: always, run: runExpunge },
  esearch: { states: both, mayReportExpunges: always, run: runEsearch },
  search: { states: selected, mayReportExpunges: whenNoNumbers, run: runSearch },
  sort: { states: selected, mayReportExpunges: whenNoNumbers, run: runSort },
  thread: { states: selected, mayReportExpunges: whenNoNumbers, run: runThread },
  fetch: { states: selected, mayReportExpunges: whenByUid, run: runFetch },
  store: { states: selected, mayReportExpunges: whenByUid, run: runStore },
  copy: { states: selected, mayReportExpunges: always, run: runCopy },
  move: { states: selected, mayReportExpunges: always, run: runMove },
};

/** The row of a command, or undefined for those that are not run here. */
export function findSessionCommand(command: Command): SessionCommand<CommandName> | undefined {
  if (!Object.hasOwn(sessionCommands, command.name)) return undefined;
  // Each row takes exactly the command of its name; the table's type says so, a union cannot.
  const rows: Readonly<Record<string, unknown>> = sessionCommands;
  return rows[command.name] as SessionCommand<CommandName>;
}
