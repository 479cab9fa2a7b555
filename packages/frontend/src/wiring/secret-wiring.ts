/** Who judges secrets, and what slows guessing down. */
import { readFile } from 'node:fs/promises';
import {
  AppPasswordUses,
  createLoginThrottle,
  createPasswordService,
  createScramJudge,
  createSharedSecrets,
  VerifiedSecrets,
  type DirectoryDriver,
} from '@homeward/directory';
import { LdapAccounts } from '@homeward/ldap';
import { createLoginGate, type TarpitGate } from '@homeward/login-guards';
import { readSecretFile, type Clock } from '@homeward/service';
import { createTicketSigner, type TicketSigner } from '@homeward/ticket';
import { createTokenJudge, type TokenJudge } from '@homeward/token-issuers';
import { createSecretVerifier } from '../adapters/secret-verifier.ts';
import { createCommonKey } from '../common-key.ts';
import type { FrontEndConfig } from '../config.ts';
import type { ConversationPorts } from '../conversation/ports.ts';
import type { LiveSettings } from '../live-settings.ts';
import type { ProcessParts } from './process-parts.ts';
import { blame } from '../start-error.ts';

/** Who judges secrets. */
export interface SecretParts extends Pick<ConversationPorts, 'verifier' | 'sharedSecrets'> {
  readonly ldap: LdapAccounts;
  readonly tokens: TokenJudge;
}

/** Of accounts from LDAP; as many as of others. */
const REMEMBERED_SECRETS = 10_000;

/** Opens them, by the configured settings; the stack closes them. */
export function openSecrets(
  config: FrontEndConfig,
  directory: DirectoryDriver,
  parts: ProcessParts,
  stack: AsyncDisposableStack,
): SecretParts {
  const { clock, log, metrics } = parts;
  const hashed = metrics.counter('homeward_frontend_passwords_hashed_total');
  const passwords = createPasswordService({
    onFault: (error) => log.log('password-thread.failed', { error }),
    onHashed: () => hashed.add({}),
  });
  stack.defer(() => passwords.close());
  metrics.gauge('homeward_frontend_passwords_in_queue').read({}, () => passwords.load);
  const ldap = openLdap(config, directory, parts);
  stack.defer(() => ldap.close());
  const tokens = openTokens(config, parts);
  stack.defer(() => tokens.close());
  const uses = new AppPasswordUses({
    driver: directory,
    clock,
    onFault: (error) => log.log('app-password-note.failed', { error }),
  });
  const commonKey = createCommonKey(config.tls.ticketKeysFile, clock);
  return {
    verifier: createSecretVerifier(passwords, createScramJudge(directory), uses),
    sharedSecrets: createSharedSecrets(directory.throttle, commonKey),
    ldap,
    tokens,
  };
}

function openTokens({ oauth }: FrontEndConfig, { clock, log }: ProcessParts): TokenJudge {
  const tokens = createTokenJudge({
    clock,
    onKeysRead: (issuer, detail) => {
      if (detail === undefined) log.log('issuer-keys.loaded', { issuer });
      else log.log('issuer-keys.unavailable', { issuer, detail });
    },
  });
  tokens.setIssuers(oauth.issuers);
  return tokens;
}

function openLdap(
  { ldap: settings }: FrontEndConfig,
  store: DirectoryDriver,
  { clock, log, metrics }: ProcessParts,
): LdapAccounts {
  const durations = metrics.histogram('homeward_frontend_ldap_duration_seconds');
  return new LdapAccounts({
    settings,
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

export async function openSigner({ ticket }: FrontEndConfig, clock: Clock): Promise<TicketSigner> {
  return blame('ticket.keyFile', async () => {
    const privateKey = await readFile(ticket.keyFile, 'utf8');
    return createTicketSigner({ keyId: ticket.keyId, privateKey, nowMs: () => clock.nowMs() });
  });
}

export function openGate(
  directory: DirectoryDriver,
  settings: LiveSettings,
  { clock, log, metrics }: ProcessParts,
): TarpitGate {
  const throttled = metrics.counter('homeward_frontend_throttled_logins_total');
  const gate = createLoginGate({
    throttle: createLoginThrottle(directory.throttle),
    clock,
    log,
    metrics: { loginThrottled: (cause, action) => throttled.add({ cause, action }) },
    settings: () => settings.values.throttle,
  });
  metrics.gauge('homeward_frontend_held_logins').read({}, () => gate.heldCount);
  return gate;
}
