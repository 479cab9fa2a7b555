/**
 * What operators do to accounts: the commands' work without the command line. Every refusal names
 * the field, what is wrong, and the remedy. Calls reject with `DirectoryUnavailableError` as the
 * driver does, and for nothing else.
 *
 * Gap: moving an account to another site is not a change of a field; the mailbox must move first.
 */
import { randomBytes } from 'node:crypto';
import type { ScramParameters } from '@homeward/sasl';
import { createAccountIdSource, parseAccountId } from '../account-id.ts';
import { systemClock, type Clock } from '../clock.ts';
import type { PasswordService } from '../credentials/password-service.ts';
import { PASSWORD_LIMIT_BYTES } from '../credentials/password-service.ts';
import { DELEGATE_COUNT_LIMIT, withDelegate } from '../delegates.ts';
import { normaliseLoginName } from '../login-name.ts';
import { isBlockedKind } from '../login-policy.ts';
import type { AccountId, AccountRecord, CredentialSet, SiteName } from '../ports.ts';
import type { DirectoryDriver } from '../directory-driver.ts';
import {
  parseAccountFields,
  parseDelegateRights,
  type AccountFields,
  type FieldProblem,
} from './account-fields.ts';

/** Concurrent changes of one account that a change of ours gives way to. */
const ATTEMPT_LIMIT = 8;

export type AccountOutcome =
  | { readonly ok: true; readonly account: AccountRecord }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

/** A new account: kind defaults to user, all protocols on, enabled. */
export interface NewAccount extends AccountFields {
  readonly address: string;
  readonly site: string;
  /** Without one nobody can log in until it is set. */
  readonly password?: string | Uint8Array | undefined;
}

/** Changes to an account; `names` replaces all names but the address. */
export type AccountChanges = Omit<AccountFields, 'site'>;

export interface AccountService {
  add(request: NewAccount): Promise<AccountOutcome>;
  /** @param which An id, or any login name of the account. */
  find(which: string): Promise<AccountRecord | undefined>;
  change(which: string, changes: AccountChanges): Promise<AccountOutcome>;
  setEnabled(which: string, isEnabled: boolean): Promise<AccountOutcome>;
  /**
   * Says what `delegate` may do with the mailbox of `which`; no rights end the delegation.
   *
   * @param delegate An id, or any login name of the account. To end a delegation, also the id of
   *   an account that is gone.
   * @param rights Of `DELEGATE_RIGHTS`.
   * @returns The account whose mailbox it is.
   */
  setDelegate(which: string, delegate: string, rights: readonly string[]): Promise<AccountOutcome>;
  /** @param password Undefined removes it: nobody can log in then. */
  setPassword(which: string, password: string | Uint8Array | undefined): Promise<AccountOutcome>;
  /** Removes the account from the directory; its mailbox stays where it is. */
  delete(which: string): Promise<AccountOutcome>;
}

export interface AccountServiceParts {
  readonly driver: DirectoryDriver;
  readonly passwords: PasswordService;
  readonly clock?: Clock | undefined;
  readonly randomOctets?: ((count: number) => Uint8Array) | undefined;
}

/** Owns nothing: driver and password service stay the caller's. */
export function createAccountService(parts: AccountServiceParts): AccountService {
  return new DirectoryAccountService(parts);
}

class DirectoryAccountService implements AccountService {
  readonly #driver: DirectoryDriver;
  readonly #passwords: PasswordService;
  readonly #clock: Clock;
  readonly #nextId: () => AccountId;

  constructor(parts: AccountServiceParts) {
    this.#driver = parts.driver;
    this.#passwords = parts.passwords;
    this.#clock = parts.clock ?? systemClock;
    this.#nextId = createAccountIdSource(
      () => this.#clock.nowMs(),
      parts.randomOctets ?? randomBytes,
    );
  }

  async add(request: NewAccount): Promise<AccountOutcome> {
    const { values, problems } = parseAccountFields(request);
    if (problems.length > 0) return { ok: false, problems };
    const { address = '', home = '' as SiteName } = values;
    const account: AccountRecord = {
      id: this.#nextId(),
      address,
      names: [...new Set([address, ...(values.names ?? [])])],
      displayName: values.displayName,
      kind: values.kind ?? 'user',
      isEnabled: values.isEnabled ?? true,
      protocols: { imap: true, pop3: true, submission: true, ...request.protocols },
      home,
      ...(values.homeLogin !== undefined && { homeLogin: values.homeLogin }),
      epoch: 1,
      connectionLimit: values.connectionLimit,
      quotaBytes: values.quotaBytes,
      quotaMessages: values.quotaMessages,
      delegates: [],
      ...(values.isPasswordLoginOff === true && { isPasswordLoginOff: true }),
      ...(values.savesSentCopy !== undefined && { savesSentCopy: values.savesSentCopy }),
      ...(values.ldap !== undefined && { ldap: values.ldap }),
      version: 1,
      createdAtMs: this.#clock.nowMs(),
    };
    const secrets = await this.#createSecrets(request.password);
    if ('field' in secrets) return refuse(secrets);
    const outcome = await this.#driver.addAccount(account, secrets.credentials);
    if (outcome.ok) return { ok: true, account };
    return refuse(toProblem(outcome.reason, outcome.detail));
  }

  async find(which: string): Promise<AccountRecord | undefined> {
    const id = parseAccountId(which);
    const byId = id === undefined ? undefined : await this.#driver.getAccount(id);
    if (byId !== undefined) return byId;
    const name = normaliseLoginName(which);
    const named = name === undefined ? undefined : await this.#driver.findAccountId(name);
    return named === undefined ? undefined : this.#driver.getAccount(named);
  }

  async change(which: string, changes: AccountChanges): Promise<AccountOutcome> {
    const { values, problems } = parseAccountFields(changes);
    if (problems.length > 0) return { ok: false, problems };
    return this.#replace(which, (current) => {
      const address = values.address ?? current.address;
      const others = values.names ?? current.names.filter((name) => name !== current.address);
      return {
        ...current,
        ...values,
        address,
        names: [...new Set([address, ...others])],
        // Who still believes the old home shows an old epoch there.
        epoch:
          values.home === undefined || values.home === current.home
            ? current.epoch
            : current.epoch + 1,
        protocols: { ...current.protocols, ...changes.protocols },
        ...(values.ldap !== undefined &&
          current.ldap?.entryId !== undefined && { ldap: current.ldap }),
      };
    });
  }

  setEnabled(which: string, isEnabled: boolean): Promise<AccountOutcome> {
    return this.change(which, { isEnabled });
  }

  async setDelegate(
    which: string,
    delegate: string,
    typedRights: readonly string[],
  ): Promise<AccountOutcome> {
    const { rights, problems } = parseDelegateRights(typedRights);
    if (problems.length > 0) return { ok: false, problems };
    const account = await this.find(delegate);
    const id = account?.id ?? (rights.length === 0 ? parseAccountId(delegate) : undefined);
    if (id === undefined) return refuse(unknownAccount(delegate));
    return this.#replace(which, (current) => {
      const delegates = withDelegate(current.delegates, id, rights);
      const isEnding = rights.length === 0;
      const problem = isEnding ? undefined : findDelegateProblem(current, account, delegates);
      return problem ?? { ...current, delegates };
    });
  }

  async setPassword(
    which: string,
    password: string | Uint8Array | undefined,
  ): Promise<AccountOutcome> {
    const account = await this.find(which);
    if (account === undefined) return refuse(unknownAccount(which));
    // App passwords work by SCRAM as long as all have one salt.
    const scram = (await this.#driver.loadLogin(account.id))?.appPasswords?.scram;
    const secrets = await this.#createSecrets(password, scram);
    if ('field' in secrets) return refuse(secrets);
    const outcome = await this.#driver.setCredentials(account.id, secrets.credentials);
    if (!outcome.ok) return refuse(unknownAccount(which));
    return { ok: true, account: { ...account, version: account.version + 1 } };
  }

  async delete(which: string): Promise<AccountOutcome> {
    const account = await this.find(which);
    if (account === undefined) return refuse(unknownAccount(which));
    const outcome = await this.#driver.deleteAccount(account.id);
    return outcome.ok ? { ok: true, account } : refuse(unknownAccount(which));
  }

  /** Replaces a record by what `change` makes of it, again if somebody else was quicker. */
  async #replace(
    which: string,
    change: (current: AccountRecord) => AccountRecord | FieldProblem,
  ): Promise<AccountOutcome> {
    for (let attempt = 0; attempt < ATTEMPT_LIMIT; attempt += 1) {
      const current = await this.find(which);
      if (current === undefined) return refuse(unknownAccount(which));
      const changed = change(current);
      if ('field' in changed) return refuse(changed);
      const account: AccountRecord = { ...changed, version: current.version + 1 };
      const outcome = await this.#driver.replaceAccount(account, current.version);
      if (outcome.ok) return { ok: true, account };
      if (outcome.reason !== 'conflict') return refuse(toProblem(outcome.reason, outcome.detail));
    }
    return refuse(toProblem('conflict', `${which} is being changed by others`));
  }

  async #createSecrets(
    password: string | Uint8Array | undefined,
    scram?: ScramParameters,
  ): Promise<{ readonly credentials: CredentialSet | undefined } | FieldProblem> {
    if (password === undefined) return { credentials: undefined };
    const outcome = await this.#passwords.createCredentialSet(password, scram);
    if (outcome.ok) return { credentials: outcome.credentials };
    const field = 'password';
    switch (outcome.reason) {
      case 'empty':
        return { field, text: 'the password is empty', remedy: 'Give one, or none at all.' };
      case 'too-long': {
        const remedy = `Give at most ${PASSWORD_LIMIT_BYTES} octets.`;
        return { field, text: 'the password is too long', remedy };
      }
      case 'busy':
        return { field, text: 'too many passwords are being hashed', remedy: 'Try again.' };
    }
  }
}

function refuse(problem: FieldProblem): AccountOutcome {
  return { ok: false, problems: [problem] };
}

/** What keeps `delegate` from being one of the mailbox; the policy would let him in nowhere. */
function findDelegateProblem(
  mailbox: AccountRecord,
  delegate: AccountRecord | undefined,
  delegates: AccountRecord['delegates'],
): FieldProblem | undefined {
  const field = 'delegates';
  if (delegate?.id === mailbox.id) {
    return { field, text: 'nobody is his own delegate', remedy: 'Give another account.' };
  }
  const blocked = [mailbox, delegate].find((one) => one !== undefined && isBlockedKind(one.kind));
  if (blocked !== undefined) {
    const text = `${blocked.address} is of kind ${blocked.kind}, which never gets in`;
    return { field, text, remedy: 'Delegates and their mailboxes are users or shared.' };
  }
  if (delegates.length > DELEGATE_COUNT_LIMIT) {
    const text = `${mailbox.address} has ${DELEGATE_COUNT_LIMIT} delegates already`;
    return { field, text, remedy: 'End the delegation of another first.' };
  }
  return undefined;
}

function unknownAccount(which: string): FieldProblem {
  const shown = normaliseLoginName(which) ?? 'that name';
  return {
    field: 'account',
    text: `there is no account ${shown}`,
    remedy: 'Give its id or one of its login names; see homeward account list.',
  };
}

/** What the directory refuses, as a problem of the field that it is about. */
function toProblem(
  reason: 'name-taken' | 'exists' | 'unknown-site' | 'nonexistent' | 'conflict',
  text: string,
): FieldProblem {
  switch (reason) {
    case 'name-taken':
      return { field: 'names', text, remedy: 'Choose another, or take it from that account.' };
    case 'unknown-site':
      return { field: 'site', text, remedy: 'Add the site first, or see homeward site list.' };
    case 'nonexistent':
      return {
        field: 'account',
        text,
        remedy: 'It was deleted meanwhile; see homeward account list.',
      };
    case 'exists':
    case 'conflict':
      return { field: 'account', text, remedy: 'Try again.' };
  }
}
