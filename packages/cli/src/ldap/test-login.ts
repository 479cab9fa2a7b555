/** `homeward ldap test`: one person, seen as a login would see him; nothing is changed. */
import { findPolicyRefusal, normaliseLoginName, type LoginRecord } from '@homeward/directory';
import { MAIL_PROTOCOLS } from '@homeward/frontend';
import { type EntryLookup, fillDn, fillFilter, resolvePreset, splitLogin } from '@homeward/ldap';
import { askOnce, readPasswordFile, readPasswordFrom } from '../accounts/read-password.ts';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { formatTable } from '../output/format-table.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { type Deployment, openDeployment } from '../wiring.ts';
import { type OpenedLdap, openLdap } from './open-ldap.ts';

export interface TestLoginOptions extends OperatorOptions {
  readonly passwordStdin?: boolean;
  readonly passwordFile?: string;
  readonly withoutPassword?: boolean;
}

type Found = Extract<EntryLookup, { kind: 'found' }>;

/** @throws OperatorError if LDAP cannot say; else the exit code says whether he would get in. */
export async function testLogin(
  context: CommandContext,
  typed: string,
  options: TestLoginOptions,
): Promise<void> {
  const login = normaliseLoginName(typed);
  if (login === undefined) {
    throw new OperatorError(`${typed} is not the login name of one account`, EXIT_CODES.usage);
  }
  await using deployment = await openDeployment(options.config, context.environment);
  await using ldap = await openLdap(deployment);
  const found = await ldap.accounts.directory.findByLogin(login);
  if (found.kind === 'unavailable') throw new OperatorError(found.detail, EXIT_CODES.unavailable);
  const record = await findRecord(login, deployment, ldap);
  const secret = found.kind === 'found' ? await readSecret(context, options) : undefined;
  const verdict =
    secret === undefined || found.kind !== 'found'
      ? undefined
      : await ldap.accounts.directory.tryBind(found.entry.dn, secret);
  if (verdict?.kind === 'unavailable') {
    throw new OperatorError(verdict.detail, EXIT_CODES.unavailable);
  }
  const view = {
    login,
    asked: describeQuestion(login, ldap),
    ...describeEntry(found),
    ...describeAccount(record, deployment),
    password: describePassword(secret, verdict),
  };
  const isIn = record !== undefined && view.refused === null && verdict?.kind !== 'mismatch';
  if (!isIn) context.console.exitCode = EXIT_CODES.refused;
  printResult(context, options, { ok: isIn, ...view }, () =>
    formatTable(undefined, [
      ...Object.entries(view).map(([name, value]): [string, string] => [name, show(value)]),
      ['would get in', isIn ? 'yes' : 'no'],
    ]),
  );
}

/** As a login finds him: by the directory first. */
async function findRecord(
  login: string,
  { driver }: Deployment,
  { accounts }: OpenedLdap,
): Promise<LoginRecord | undefined> {
  const id = await driver.findAccountId(login);
  const known = id === undefined ? undefined : await driver.loadLogin(id);
  if (known !== undefined) return known;
  const lookup = await accounts.lookUp(login);
  return lookup.kind === 'found' ? lookup.record : undefined;
}

async function readSecret(
  { console }: CommandContext,
  { passwordStdin, passwordFile, withoutPassword }: TestLoginOptions,
): Promise<string | undefined> {
  if (passwordStdin === true) return readPasswordFrom(console.input);
  if (passwordFile !== undefined) return readPasswordFile('--password-file', passwordFile);
  if (withoutPassword === true || !console.isInteractive) return undefined;
  return askOnce('Password', 'nothing else', console);
}

function describeQuestion(login: string, { settings }: OpenedLdap): string {
  const words = splitLogin(login);
  if (settings.dnTemplate !== '') return fillDn(settings.dnTemplate, words);
  return `${fillFilter(resolvePreset(settings).filter, words)} below ${settings.base}`;
}

function describeEntry(found: Found | Extract<EntryLookup, { kind: 'unknown' }>): {
  readonly server: string | null;
  readonly entry: string | null;
  readonly found: Found['entry'] | string;
} {
  if (found.kind === 'unknown') return { server: null, entry: null, found: found.detail };
  return { server: found.url, entry: found.entry.dn, found: found.entry };
}

/** What he is in the directory, or would become; and what keeps him out over which protocol. */
function describeAccount(
  record: LoginRecord | undefined,
  { config }: Pick<Deployment, 'config'>,
): {
  readonly account: string | null;
  readonly judge: string | null;
  readonly site: string | null;
  readonly refused: string | null;
} {
  if (record === undefined) {
    const refused = 'no account, and none can be made of the entry';
    return { account: null, judge: null, site: null, refused };
  }
  const { account } = record;
  const isDraft = account.version === 0;
  const refusals = MAIL_PROTOCOLS.map((protocol) => findPolicyRefusal(account, protocol));
  const isOut = refusals.every((refusal) => refusal !== undefined);
  const withoutHome = account.home === '' ? 'no home site: set ldap.site' : undefined;
  return {
    account: isDraft ? `${account.address}, to be made at the first login` : account.address,
    judge: account.ldap === undefined ? `the directory of ${config.hostname}` : 'LDAP',
    site: account.home || null,
    refused: withoutHome ?? (isOut ? (refusals[0] ?? null) : null),
  };
}

function describePassword(
  secret: string | undefined,
  verdict:
    | { readonly kind: 'match' }
    | { readonly kind: 'mismatch'; readonly detail: string }
    | undefined,
): string {
  if (secret === undefined) return 'not tried';
  if (verdict === undefined) return 'not tried: there is no entry';
  return verdict.kind === 'match' ? 'right' : `wrong: ${verdict.detail}`;
}

function show(value: unknown): string {
  if (value === null) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
