/** What logins have in common, wherever people log in. */
export {
  accessRuleSchema,
  clientAccessSchema,
  type AccessRule,
  type ClientAccessSettings,
  type RuleConditions,
} from './access/access-rule.ts';
export { createClientAccess, type ClientAccess } from './access/client-access.ts';
export { compileRules, type AccessFacts, type AccessVerdict } from './access/evaluate-rules.ts';
export type { RuleMechanism, RuleProtocol } from './access/rule-words.ts';
export { LOGIN_LIMIT_MS, startLoginDeadline, type LoginDeadline } from './login-deadline.ts';
export { GUARD_LOG_EVENTS } from './log-events.ts';
export { mechanismsSchema, offersPasswordCommands, usableMechanisms } from './mechanism-setting.ts';
export { createNetworkSetting, type NetworkSetting } from './network-setting.ts';
export {
  IMAP_SHAPE,
  POP3_SHAPE,
  type ProtocolSettings,
  type ProtocolShape,
  SUBMISSION_SHAPE,
} from './protocol-settings.ts';
export { bypassWords, proxySteps } from './proxy-door.ts';
export {
  claimSession,
  sessionLimitsFor,
  type ClaimRefusal,
  type HeldClaim,
  type SessionLimits,
  type SessionRegistry,
} from './session-claim.ts';
export { SessionEndDesk, type SessionEndDeskParts } from './session-end-desk.ts';
export { TokenExpiry, type TokenExpiryParts } from './token-expiry.ts';
export {
  VERIFIER_BUSY,
  type GateAttempt,
  type GatePass,
  type GateRefusal,
  type LoginGate,
} from './throttle/gate-ports.ts';
export { createLoginGate, type LoginGateParts, type TarpitGate } from './throttle/login-gate.ts';
export { throttleSchema, type ThrottleSettings } from './throttle/throttle-settings.ts';
