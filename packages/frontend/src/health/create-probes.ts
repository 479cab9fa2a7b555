/** Probes: as far as a login goes before it says who it is for, and back. */
import type { UpstreamDialogue } from '@homeward/sasl';
import { greetHome } from '../login/greet-home.ts';
import type { GreetOutcome, InnerDialler, MailProtocol } from '../login/ports.ts';
import {
  greetForeignHome,
  type ForeignGreeting,
  type GreetParts,
} from '../foreign/greet-foreign-home.ts';
import type { HomeProbes } from './health-ports.ts';
import type { ProbeOutcome } from './host-probe.ts';
import { PROBE_RULES } from './probe-rules.ts';

/** Why a home did not greet. */
type GreetReason = Extract<GreetOutcome | ForeignGreeting, { ok: false }>['reason'];

export interface ProbeParts {
  readonly dialler: InnerDialler;
  createDialogue(protocol: MailProtocol): UpstreamDialogue;
  readonly foreign: GreetParts;
}

export function createProbes(parts: ProbeParts): HomeProbes {
  return {
    own: (target) => async (signal) => {
      const dialogue = parts.createDialogue(target.protocol);
      const outcome = await greetHome(parts.dialler, dialogue, target, signal);
      return outcome.ok ? leave(outcome.greeted.connection) : failed(outcome);
    },
    foreign: (target, expectsProxyHeader) => async (signal) => {
      const announced = expectsProxyHeader ? 'probe' : undefined;
      const { limitMs } = PROBE_RULES;
      const greeted = await greetForeignHome(parts.foreign, target, announced, limitMs, signal);
      return greeted.ok ? leave(greeted.connection) : failed(greeted);
    },
  };
}

function leave(connection: { destroy(): void }): ProbeOutcome {
  connection.destroy();
  return { ok: true };
}

/** By the same names as a login's. */
function failed({
  reason,
  detail,
}: {
  readonly reason: GreetReason;
  readonly detail: string;
}): ProbeOutcome {
  return { ok: false, reason: `site-${reason}`, detail };
}
