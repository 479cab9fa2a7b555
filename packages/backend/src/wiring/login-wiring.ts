/** Who is let in: tickets, and people's own secrets where they may log in at a home itself. */
import { offersPasswordCommands, usableMechanisms } from '@homeward/login-guards';
import type { LoginType, MechanismName } from '@homeward/sasl';
import { hintOfIssuers } from '@homeward/token-issuers';
import type { Protocol } from '@homeward/directory';
import type { BackEndConfig } from '../config.ts';
import type { ServeParts } from '../connection/serve-connection.ts';
import { findScramParameters } from '../login/direct-login.ts';
import type { DirectLoginParts } from '../login/direct-parts.ts';
import { createLoginJudge } from '../login/judge-login.ts';
import { createTicketJudge } from '../login/ticket-judge.ts';
import type { BackEndSettings } from '../settings.ts';
import type { DirectoryParts } from './directory-wiring.ts';
import type { WorkerParts } from './process-parts.ts';

const BAD_COMMAND_LIMIT = 10;
const EARLY_BYTES = 65_536;
/** What tickets take in IMAP, where they count as a part of the command: some 1,500, 3,600 at most. */
const TICKET_COMMAND_BYTES = 4_096;

/** Of what is shared, what a login needs. */
export type LoginServeParts = Pick<ServeParts, 'judge' | 'findScramParameters' | 'tokenHint'>;

/** @param direct Undefined: `directLogin` is off. */
export function createLogin(
  { site, watch, directory }: DirectoryParts,
  direct: DirectLoginParts | undefined,
  settings: () => BackEndSettings,
  { workerIndex, clock }: WorkerParts,
): LoginServeParts {
  return {
    judge: createLoginJudge({
      judgeTicket: createTicketJudge(site, watch, clock),
      direct,
      directory,
      workerIndex,
    }),
    findScramParameters: async (names, protocol) =>
      direct === undefined
        ? { ok: false, reason: 'direct-login-off' }
        : findScramParameters(names, protocol, direct),
    tokenHint: () => hintOfIssuers(direct === undefined ? [] : settings().oauth.issuers),
  };
}

/** What the login dialogues of all protocols have in common. */
export interface LoginOptions {
  readonly banner: string;
  readonly loginType: LoginType;
  readonly mechanisms: readonly MechanismName[];
  readonly alwaysOffered: MechanismName | undefined;
  readonly offersUser: boolean;
  readonly earlyBytes: number;
  readonly badCommandLimit: number;
  readonly commandBytes: number;
}

/** For one connection that begins: its offers are those of the settings in force. */
export function loginOptionsOf(
  { directLogin, plainFrontEnds }: BackEndConfig,
  protocol: Protocol,
  settings: () => BackEndSettings,
): LoginOptions {
  const { banner, loginType, mechanisms, maxCommandBytes } = settings()[protocol];
  return {
    banner,
    loginType: directLogin ? loginType : 'SecureLogin',
    // Front ends' tickets come by OAUTHBEARER, whatever people may use.
    alwaysOffered: plainFrontEnds ? 'OAUTHBEARER' : undefined,
    mechanisms: ['OAUTHBEARER', ...(directLogin ? personsMechanisms(protocol, settings()) : [])],
    offersUser: directLogin && offersPasswordCommands(mechanisms),
    earlyBytes: EARLY_BYTES,
    badCommandLimit: BAD_COMMAND_LIMIT,
    commandBytes:
      protocol === 'imap' ? Math.max(maxCommandBytes, TICKET_COMMAND_BYTES) : maxCommandBytes,
  };
}

/** By what people log in, at front ends or here. */
export function personsMechanisms(
  protocol: Protocol,
  settings: BackEndSettings,
): readonly MechanismName[] {
  return usableMechanisms(settings[protocol].mechanisms, settings.oauth.issuers.length > 0);
}
