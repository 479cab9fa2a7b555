/** Access tokens of foreign issuers: whose keys are believed, and what a token says. */
export {
  ISSUER_ALGORITHMS,
  tokenIssuersSchema,
  type IssuerAlgorithm,
  type TokenIssuer,
} from './issuer-schema.ts';
export {
  createTokenJudge,
  namesIssuer,
  type TokenJudge,
  type TokenJudgeParts,
} from './token-judge.ts';
export type { TokenRefusal, TokenVerdict } from './token-verdict.ts';
export { hintOfIssuers } from './token-hint.ts';
export { ISSUER_LOG_EVENTS } from './log-events.ts';
export { oauthSchema, type OauthSettings } from './oauth-schema.ts';
