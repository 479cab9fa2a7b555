/** An account as commands show it. */
import {
  type AccountRecord,
  type FieldProblem,
  findMailRefusal,
  type Protocol,
} from '@homeward/directory';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { PROTOCOLS } from './protocols.ts';

/** The form of `--json`; a contract with scripts. */
export interface AccountView {
  readonly id: string;
  readonly address: string;
  /** Without the address. */
  readonly names: readonly string[];
  /** Those of address and names that mail reaches, the address first. */
  readonly mailAddresses: readonly string[];
  readonly displayName: string | null;
  readonly kind: string;
  readonly enabled: boolean;
  /** False: app passwords and tokens alone let it in. */
  readonly passwordLogin: boolean;
  readonly protocols: readonly string[];
  /** Null: as submission.saveSentCopy says. */
  readonly saveSentCopy: boolean | null;
  readonly site: string;
  /** Null: as the site's template says. */
  readonly loginAtHome: string | null;
  readonly connectionLimit: number | null;
  /** Null: the site's default. */
  readonly quotaBytes: number | null;
  readonly quotaMessages: number | null;
  readonly delegates: readonly { readonly accountId: string; readonly rights: readonly string[] }[];
  /** Null: its password is the directory's own. */
  readonly ldap: {
    readonly entryId: string | null;
    readonly loginName: string | null;
    readonly state: string;
  } | null;
  readonly epoch: number;
  readonly version: number;
  readonly createdAt: string;
}

export function viewAccount(account: AccountRecord): AccountView {
  const { id, address, displayName, kind, isEnabled, home, epoch, version } = account;
  return {
    id,
    address,
    names: account.names.filter((name) => name !== address),
    mailAddresses: viewMailAddresses(account),
    displayName: displayName ?? null,
    kind,
    enabled: isEnabled,
    passwordLogin: account.isPasswordLoginOff !== true,
    protocols: PROTOCOLS.filter((protocol) => account.protocols[protocol]),
    saveSentCopy: account.savesSentCopy ?? null,
    site: home,
    loginAtHome: account.homeLogin ?? null,
    connectionLimit: account.connectionLimit ?? null,
    quotaBytes: account.quotaBytes ?? null,
    quotaMessages: account.quotaMessages ?? null,
    delegates: account.delegates,
    ldap: viewLdap(account),
    epoch,
    version,
    createdAt: new Date(account.createdAtMs).toISOString(),
  };
}

/** None while nobody delivers there; login names without "@" never get mail. */
function viewMailAddresses(account: AccountRecord): readonly string[] {
  if (findMailRefusal(account) !== undefined) return [];
  const others = account.names.filter((name) => name.includes('@') && name !== account.address);
  return [account.address, ...others];
}

function viewLdap({ ldap }: AccountRecord): AccountView['ldap'] {
  if (ldap === undefined) return null;
  const { entryId = null, loginName = null, state } = ldap;
  return { entryId, loginName, state };
}

/** Reads `imap,pop3`, or "none". */
export function parseProtocols(text: string): Readonly<Record<Protocol, boolean>> {
  const names = text === 'none' ? [] : text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !PROTOCOLS.some((protocol) => protocol === name));
  if (unknown !== undefined) {
    throw new OperatorError(
      `--protocols: "${unknown}" is no protocol; use ${PROTOCOLS.join(', ')} or none`,
      EXIT_CODES.usage,
    );
  }
  const has = (protocol: Protocol): boolean => names.includes(protocol);
  return { imap: has('imap'), pop3: has('pop3'), submission: has('submission') };
}

/** What the account service refused. */
export function refusal(problems: readonly FieldProblem[]): OperatorError {
  const lines = problems.map(({ text, remedy }) => `${text}. ${remedy}`);
  return new OperatorError(lines, EXIT_CODES.refused);
}

/** For commands that are given an account that is not there. */
export function unknownAccount(which: string): OperatorError {
  return new OperatorError(
    `there is no account ${which}. Give its id or one of its login names; see homeward account list`,
    EXIT_CODES.refused,
  );
}
