/** Who is let in: tickets, and passwords where people may log in at a home itself. */
import { randomBytes } from 'node:crypto';
import { AppPasswordUses, createPasswordService, createScramJudge } from '@homeward/directory';
import type { LoginType, MechanismName } from '@homeward/sasl';
import type { BackEndConfig } from '../config.ts';
import type { ServeParts } from '../connection/serve-connection.ts';
import { findScramParameters, type DirectLoginParts } from '../login/direct-login.ts';
import { createLoginJudge } from '../login/judge-login.ts';
import { createTicketJudge } from '../login/ticket-judge.ts';
import type { DirectoryParts } from './directory-wiring.ts';
import type { WorkerParts } from './process-parts.ts';

/** How people log in at a home itself, where they may. */
const DIRECT_MECHANISMS: readonly MechanismName[] = [
  'SCRAM-SHA-256-PLUS',
  'SCRAM-SHA-256',
  'PLAIN',
  'LOGIN',
];
const BANNER = 'Homeward is ready.';
const BAD_COMMAND_LIMIT = 10;
const EARLY_BYTES = 65_536;

/** Leaves to `stack` what is to be closed. */
export function openLogin(
  parts: DirectoryParts,
  worker: WorkerParts,
  stack: AsyncDisposableStack,
): Pick<ServeParts, 'judge' | 'findScramParameters'> {
  const { site, watch, directory } = parts;
  const { config, workerIndex, clock } = worker;
  const direct = config.directLogin ? openDirectLogin(parts, worker, stack) : undefined;
  return {
    judge: createLoginJudge({
      judgeTicket: createTicketJudge(site, watch, clock),
      direct,
      directory,
      workerIndex,
    }),
    findScramParameters: async (names) =>
      direct === undefined ? 'direct-login-off' : findScramParameters(names, direct),
  };
}

function openDirectLogin(
  { site, directory, driver }: DirectoryParts,
  { clock, log }: WorkerParts,
  stack: AsyncDisposableStack,
): DirectLoginParts {
  const passwords = createPasswordService({
    onFault: (error) => log.log('password-thread.failed', { error }),
  });
  stack.defer(() => passwords.close());
  const scram = createScramJudge(driver);
  const uses = new AppPasswordUses({
    driver,
    clock,
    onFault: (error) => log.log('directory.read-failed', { error }),
  });
  return {
    site,
    directory,
    judgePassword: (record, password) => passwords.verifyPassword(record, password),
    judgeProof: (record, proof, protocol) => scram.verify(record, proof, protocol),
    noteAppPasswordUse: (id, appPasswordId) => uses.note(id, appPasswordId),
    scram,
    makeConversationId: () => randomBytes(9).toString('base64url'),
  };
}

/** What the login dialogues of all protocols have in common. */
export interface LoginOptions {
  readonly banner: string;
  readonly loginType: LoginType;
  readonly mechanisms: readonly MechanismName[];
  readonly earlyBytes: number;
  readonly badCommandLimit: number;
}

export function loginOptionsOf(config: BackEndConfig): LoginOptions {
  return {
    banner: BANNER,
    // A plain port is there for measurements and closed networks, or not at all.
    loginType: config.directLogin || config.plainFrontEnds ? 'PlainTextLogin' : 'SecureLogin',
    mechanisms: config.directLogin ? ['OAUTHBEARER', ...DIRECT_MECHANISMS] : ['OAUTHBEARER'],
    earlyBytes: EARLY_BYTES,
    badCommandLimit: BAD_COMMAND_LIMIT,
  };
}
