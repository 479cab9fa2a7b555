/** SASL mechanisms, and the surface of every dialogue that uses them. */
export { createAuthDialogue } from './auth-dialogue/auth-dialogue.ts';
export type { AuthDialogueLimits } from './auth-dialogue/auth-dialogue.ts';
export type { AuthFailure } from './auth-dialogue/auth-exchange.ts';
export { AuthOffer } from './auth-dialogue/auth-offer.ts';
export type { AuthOfferOptions } from './auth-dialogue/auth-offer.ts';
export type { AuthDesk, AuthProtocol, AuthWords } from './auth-dialogue/auth-protocol.ts';
export type {
  ClientFacts,
  ForeignDialogue,
  ForeignLoginRequest,
  ForeignSecret,
  ForeignStep,
  RefusalSubject,
} from './foreign-dialogue.ts';
export { formatGs2Header, parseGs2Header } from './gs2-header.ts';
export type { Gs2Header } from './gs2-header.ts';
export { IDENTITY_LIMIT_BYTES, PASSWORD_LIMIT_BYTES } from './identity-text.ts';
export type {
  ChannelBindingFault,
  Credentials,
  DeclinedLogins,
  DeclineReason,
  DialogueEnd,
  DialogueStep,
  FarewellReason,
  LoginDialogue,
  LoginMethod,
  LoginRefusal,
  SessionChoices,
  SessionFarewells,
  UpstreamDialogue,
  UpstreamStep,
} from './login-dialogue.ts';
export { createLoginServer } from './login.ts';
export {
  base64LineBytes,
  findMechanism,
  isLoginAllowed,
  offeredMechanisms,
  SASL_MECHANISMS,
  surroundingsOfOffer,
} from './mechanisms.ts';
export type { LoginType, MechanismName, SaslMechanism } from './mechanisms.ts';
export { createOauthBearerClient, createOauthBearerServer } from './oauthbearer.ts';
export { createPlainClient, createPlainServer } from './plain.ts';
export { lineWithReference, withReference } from './reference.ts';
export type { SaslClient } from './sasl-client.ts';
export { isRevocation, SESSION_END_REASONS } from './session-end.ts';
export type { SessionEndReason } from './session-end.ts';
export type { SaslFailure, SaslServer, SaslStep } from './sasl-server.ts';
export type { ScramParameters } from './scram/scram-parameters.ts';
export type { ChannelBindingType, SaslSurroundings, TokenHint } from './sasl-surroundings.ts';
export { createScramClient } from './scram/scram-client.ts';
export type { ScramClientOptions } from './scram/scram-client.ts';
export { deriveScramKeys, isProofRight, signForClient } from './scram/scram-keys.ts';
export type { ScramProof, ScramServerKeys } from './scram/scram-keys.ts';
export { createScramServer, formatServerFinal } from './scram/scram-server.ts';
export { createXoauth2Server } from './xoauth2.ts';
export { StepQueue } from './step-queue.ts';
