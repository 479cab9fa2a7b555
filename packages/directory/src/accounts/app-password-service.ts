/** What operators do to an account's app passwords: the commands' work without the command line. */
import { randomBytes } from 'node:crypto';
import { systemClock, type Clock } from '../clock.ts';
import {
  APP_PASSWORD_COUNT_LIMIT,
  APP_PASSWORD_LABEL_LIMIT,
  makeAppPassword,
  type NewAppPassword,
} from '../credentials/app-passwords.ts';
import { isBlockedKind } from '../login-policy.ts';
import type { AccountId, AppPassword, LoginRecord } from '../ports.ts';
import type { DirectoryDriver } from '../directory-driver.ts';
import type { FieldProblem } from './account-fields.ts';

/** Concurrent changes of one account that a change of ours gives way to. */
const ATTEMPT_LIMIT = 8;

export type AppPasswordOutcome<Value> =
  | ({ readonly ok: true } & Value)
  | { readonly ok: false; readonly problem: FieldProblem };

/** One as operators see it: nothing of its secret. */
export interface AppPasswordFacts {
  readonly id: string;
  readonly label: string;
  readonly protocols: AppPassword['protocols'];
  readonly createdAtMs: number;
  /** Right to an hour or so; undefined: never. */
  readonly usedAtMs: number | undefined;
}

interface Added {
  readonly secret: string;
  readonly facts: AppPasswordFacts;
}

interface Revoked {
  readonly facts: AppPasswordFacts;
}

export interface AppPasswordService {
  /** @returns The secret, which nobody can show again. */
  add(id: AccountId, request: NewAppPassword): Promise<AppPasswordOutcome<Added>>;
  /** In the order in which they were made; undefined if there is no such account. */
  list(id: AccountId): Promise<readonly AppPasswordFacts[] | undefined>;
  /** @param which Its id, or its label if no other has that. Sessions that it opened end. */
  revoke(id: AccountId, which: string): Promise<AppPasswordOutcome<Revoked>>;
}

export interface AppPasswordServiceParts {
  readonly driver: DirectoryDriver;
  readonly clock?: Pick<Clock, 'nowMs'> | undefined;
  readonly randomOctets?: ((count: number) => Uint8Array) | undefined;
}

/** Owns nothing: the driver stays the caller's. */
export function createAppPasswordService({
  driver,
  clock = systemClock,
  randomOctets = randomBytes,
}: AppPasswordServiceParts): AppPasswordService {
  return {
    add: (id, request) =>
      attempt<Added>(driver, id, async (login) => {
        const problem = findProblem(login, request);
        if (problem !== undefined) return { ok: false, problem };
        const made = makeAppPassword(login, request, clock.nowMs(), randomOctets);
        const outcome = await driver.setAppPasswords(id, made.appPasswords, login.account.version);
        if (!outcome.ok) return outcome.reason;
        return { ok: true, secret: made.secret, facts: factsOf(made.appPassword, undefined) };
      }),
    async list(id) {
      const [login, uses] = await Promise.all([
        driver.loadLogin(id),
        driver.listAppPasswordUses(id),
      ]);
      return login?.account && (login.appPasswords?.all ?? []).map((one) => factsOf(one, uses));
    },
    revoke: (id, which) =>
      attempt<Revoked>(driver, id, async (login) => {
        const known = login.appPasswords;
        const found = findOne(known?.all ?? [], which);
        if (known === undefined || typeof found !== 'object') {
          return { ok: false, problem: notFound(login, which, found) };
        }
        const rest = known.all.filter((one) => one !== found);
        const appPasswords = rest.length === 0 ? undefined : { ...known, all: rest };
        const outcome = await driver.setAppPasswords(id, appPasswords, login.account.version);
        if (!outcome.ok) return outcome.reason;
        return { ok: true, facts: factsOf(found, undefined) };
      }),
  };
}

/** Repeats a change on the record as it is, until no other writer came between. */
async function attempt<Value>(
  driver: DirectoryDriver,
  id: AccountId,
  change: (login: LoginRecord) => Promise<AppPasswordOutcome<Value> | 'nonexistent' | 'conflict'>,
): Promise<AppPasswordOutcome<Value>> {
  for (let count = 0; count < ATTEMPT_LIMIT; count += 1) {
    const login = await driver.loadLogin(id);
    if (login === undefined) break;
    const outcome = await change(login);
    if (typeof outcome === 'object') return outcome;
  }
  const text = 'the account was deleted, or is being changed by others';
  return { ok: false, problem: { field: 'appPasswords', text, remedy: 'Try again.' } };
}

function findProblem(
  { account, appPasswords }: LoginRecord,
  { label, protocols }: NewAppPassword,
): FieldProblem | undefined {
  const all = appPasswords?.all ?? [];
  const problem = (text: string, remedy: string): FieldProblem => ({
    field: 'appPasswords',
    text,
    remedy,
  });
  if (isBlockedKind(account.kind)) {
    const text = `${account.address} is of kind ${account.kind}, which never gets in`;
    return problem(text, 'App passwords are for users and shared accounts.');
  }
  if (label.trim() === '' || label.length > APP_PASSWORD_LABEL_LIMIT || /\p{Cc}/u.test(label)) {
    const remedy = `Give 1 to ${APP_PASSWORD_LABEL_LIMIT} characters, such as "Anna’s telephone".`;
    return problem('the label is none', remedy);
  }
  if (all.some((one) => one.label === label)) {
    return problem(`there is one called "${label}"`, 'Choose another label, or revoke that one.');
  }
  if (protocols.length === 0) return problem('it is for no protocol', 'Name one at least.');
  if (all.length >= APP_PASSWORD_COUNT_LIMIT) {
    const text = `${account.address} has ${APP_PASSWORD_COUNT_LIMIT} already`;
    return problem(text, 'Revoke one that nobody uses any more.');
  }
  return undefined;
}

function findOne(all: readonly AppPassword[], which: string): AppPassword | 'none' | 'several' {
  const byId = all.find(({ id }) => id === which);
  const byLabel = all.filter(({ label }) => label === which);
  if (byId !== undefined) return byId;
  if (byLabel.length > 1) return 'several';
  return byLabel[0] ?? 'none';
}

function notFound(
  { account }: LoginRecord,
  which: string,
  found: AppPassword | 'none' | 'several',
): FieldProblem {
  const text =
    found === 'several'
      ? `${account.address} has several app passwords called "${which}"`
      : `${account.address} has no app password "${which}"`;
  return {
    field: 'appPasswords',
    text,
    remedy: 'Give its id; see homeward account app-password list.',
  };
}

function factsOf(
  { id, label, protocols, createdAtMs }: AppPassword,
  uses: ReadonlyMap<string, number> | undefined,
): AppPasswordFacts {
  return { id, label, protocols, createdAtMs, usedAtMs: uses?.get(id) };
}
