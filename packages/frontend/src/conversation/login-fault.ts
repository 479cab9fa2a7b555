/**
 * Every reason for which a login is not let through, and the one function that turns a reason
 * into the client's answer, the log event and the metric label. The client learns the refusal's
 * class and a reference; the true reason goes to the log only.
 */
import type { LoginRefusal } from '@homeward/sasl';

/** Closed list; goes to logs and metrics. */
export type LoginFaultReason =
  | 'unknown-user'
  | 'no-secret'
  | 'wrong-password'
  | 'blocked-kind'
  | 'act-as-not-allowed'
  | 'mechanism-not-accepted'
  | 'account-disabled'
  | 'protocol-not-enabled'
  | 'too-many-sessions'
  | 'mailbox-in-use'
  | 'home-limit'
  | 'directory-unavailable'
  | 'verifier-busy'
  | 'site-unknown'
  | 'shard-unassigned'
  | 'site-unreachable'
  | 'site-tls-failed'
  | 'site-broke-off'
  | 'site-broke-protocol'
  | 'site-refused'
  | 'login-deadline'
  | 'internal-error';

export interface LoginFault {
  readonly ok: false;
  readonly reason: LoginFaultReason;
  /** For the log: what the other side said, or which of several things failed. */
  readonly logDetail?: string | undefined;
  /** For the client: a short ASCII sentence that tells it what it may know. */
  readonly clientDetail?: string | undefined;
}

type Severity = 'info' | 'warn' | 'error';

interface Treatment {
  readonly refusal: LoginRefusal;
  readonly event: 'login.rejected' | 'login.failed';
  readonly severity: Severity;
}

/** The person's doing: expected every day. */
const rejected = (refusal: LoginRefusal): Treatment => ({
  refusal,
  event: 'login.rejected',
  severity: 'info',
});
/** Our side's doing: somebody should look. Never a word about the password. */
const failed = (severity: Severity = 'warn'): Treatment => ({
  refusal: 'unavailable',
  event: 'login.failed',
  severity,
});

const TREATMENTS: Readonly<Record<LoginFaultReason, Treatment>> = {
  'unknown-user': rejected('bad-credentials'),
  'no-secret': rejected('bad-credentials'),
  'wrong-password': rejected('bad-credentials'),
  'blocked-kind': rejected('bad-credentials'),
  'act-as-not-allowed': rejected('bad-credentials'),
  'mechanism-not-accepted': rejected('bad-credentials'),
  'account-disabled': rejected('not-enabled'),
  'protocol-not-enabled': rejected('not-enabled'),
  'too-many-sessions': rejected('limit'),
  'mailbox-in-use': rejected('in-use'),
  'home-limit': rejected('limit'),
  'directory-unavailable': failed(),
  'verifier-busy': failed(),
  'site-unknown': failed('error'),
  'shard-unassigned': failed('error'),
  'site-unreachable': failed(),
  'site-tls-failed': failed('error'),
  'site-broke-off': failed(),
  'site-broke-protocol': failed('error'),
  'site-refused': failed('error'),
  'login-deadline': failed(),
  'internal-error': failed('error'),
};

/** All reasons, for tests and for the catalogue of metric labels. */
export const LOGIN_FAULT_REASONS: readonly LoginFaultReason[] = Object.keys(
  TREATMENTS,
) as LoginFaultReason[];

/** What is to be done about a fault: the funnel through which every refusal goes. */
export function treatLoginFault(fault: LoginFault): Treatment & {
  readonly detail: string | undefined;
  readonly metricLabel: LoginFaultReason;
} {
  const treatment = TREATMENTS[fault.reason];
  return {
    ...treatment,
    // Equal words for all bad credentials: whatever a step wanted to say stays here.
    detail: treatment.refusal === 'bad-credentials' ? undefined : fault.clientDetail,
    metricLabel: fault.reason,
  };
}
