/** Who judges people's secrets where they log in at a home itself, and what slows guessing down. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  AppPasswordUses,
  createLoginThrottle,
  createPasswordService,
  createScramJudge,
  type DirectoryView,
  type PasswordService,
  VerifiedSecrets,
} from '@homeward/directory';
import { LdapAccounts } from '@homeward/ldap';
import { createClientAccess, createLoginGate, type LoginGate } from '@homeward/login-guards';
import { readSecretFile } from '@homeward/service';
import { createTokenJudge, type TokenJudge } from '@homeward/token-issuers';
import type { DirectLoginParts } from '../login/direct-parts.ts';
import type { BackEndSettings } from '../settings.ts';
import type { DirectoryParts } from './directory-wiring.ts';
import type { WorkerParts } from './process-parts.ts';

/** Of accounts from LDAP; as many as of others. */
const REMEMBERED_SECRETS = 10_000;
const CONVERSATION_ID_BYTES = 9;

/** What people's own logins are made with, and how it hears of other settings. */
export interface DirectParts {
  readonly login: DirectLoginParts;
  readonly configure: (settings: BackEndSettings) => void;
}

/** @param settings Those in force. Opens by the configured ones; the stack closes it. */
export function openDirectLogin(
  { site, driver, view }: Pick<DirectoryParts, 'site' | 'driver' | 'view'>,
  settings: () => BackEndSettings,
  parts: WorkerParts,
  stack: AsyncDisposableStack,
): DirectParts {
  const { clock, log } = parts;
  const ldap = openLdap(driver, parts);
  stack.defer(() => ldap.close());
  const tokens = openTokens(parts);
  stack.defer(() => tokens.close());
  const uses = new AppPasswordUses({
    driver,
    clock,
    onFault: (error) => log.log('app-password-note.failed', { error }),
  });
  return {
    login: {
      site,
      settingsOf: (protocol) => settings()[protocol],
      accounts: { lookUpLogin: (name) => lookUp(name, view, ldap) },
      access: createClientAccess({
        rules: () => settings().clientAccess.rules,
        deniedNetworks: () => settings().throttle.denyNetworks,
      }),
      gate: openGate(driver, settings, parts),
      passwords: openPasswords(parts, stack),
      scram: createScramJudge(driver),
      ldap,
      tokens,
      noteAppPasswordUse: (id, appPasswordId) => uses.note(id, appPasswordId),
      makeConversationId: () => randomBytes(CONVERSATION_ID_BYTES).toString('base64url'),
      clock,
    },
    configure(values) {
      tokens.setIssuers(values.oauth.issuers);
      ldap.configure(values.ldap);
    },
  };
}

async function lookUp(
  name: string,
  view: DirectoryView,
  ldap: LdapAccounts,
): ReturnType<DirectoryView['lookUpLogin']> {
  const found = await view.lookUpLogin(name);
  return found.kind === 'unknown' ? ldap.lookUp(name) : found;
}

function openPasswords(
  { log, metrics }: WorkerParts,
  stack: AsyncDisposableStack,
): PasswordService {
  const hashed = metrics.counter('homeward_backend_passwords_hashed_total');
  const passwords = createPasswordService({
    onFault: (error) => log.log('password-thread.failed', { error }),
    onHashed: () => hashed.add({}),
  });
  stack.defer(() => passwords.close());
  metrics.gauge('homeward_backend_passwords_in_queue').read({}, () => passwords.load);
  return passwords;
}

function openTokens({ config, clock, log }: WorkerParts): TokenJudge {
  const tokens = createTokenJudge({
    clock,
    onKeysRead: (issuer, detail) => {
      if (detail === undefined) log.log('issuer-keys.loaded', { issuer });
      else log.log('issuer-keys.unavailable', { issuer, detail });
    },
  });
  tokens.setIssuers(config.oauth.issuers);
  return tokens;
}

function openLdap(
  store: DirectoryParts['driver'],
  { config, clock, log, metrics }: WorkerParts,
): LdapAccounts {
  const durations = metrics.histogram('homeward_backend_ldap_duration_seconds');
  return new LdapAccounts({
    settings: config.ldap,
    store,
    nowMs: () => clock.nowMs(),
    elapsedMs: () => clock.elapsedMs(),
    after: (delayMs, run) => clock.after(delayMs, run),
    readFile: (file) => readFile(file, 'utf8'),
    readSecretFile,
    rememberSecrets: (lifeMs) => new VerifiedSecrets(clock, lifeMs, REMEMBERED_SECRETS),
    onEvent: ({ name, ...fields }) => log.log(name, fields),
    onAsked: ({ operation, outcome, durationMs }) =>
      durations.observe({ operation, outcome }, durationMs / 1000),
  });
}

function openGate(
  { throttle }: DirectoryParts['driver'],
  settings: () => BackEndSettings,
  { clock, log, metrics }: WorkerParts,
): LoginGate {
  const throttled = metrics.counter('homeward_backend_throttled_logins_total');
  const gate = createLoginGate({
    throttle: createLoginThrottle(throttle),
    clock,
    log,
    metrics: { loginThrottled: (cause, action) => throttled.add({ cause, action }) },
    settings: () => settings().throttle,
  });
  metrics.gauge('homeward_backend_held_logins').read({}, () => gate.heldCount);
  return gate;
}
