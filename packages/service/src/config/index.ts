/** Configuration: YAML and environment, checked, with errors that name the remedy. */
export { locateDirectory, type LocatedDirectory } from './locate-directory.ts';
export { type ConfigProblem, formatConfigProblem } from './config-problem.ts';
export { type ConfigKey, describeConfig } from './describe-config.ts';
export { environmentName } from './environment.ts';
export { explainValue } from './explain-value.ts';
export {
  loadConfig,
  type LoadConfigOptions,
  type LoadedConfig,
  readSecretFile,
} from './load-config.ts';
export { help, type KeyHelp, reread, restart } from './key-help.ts';
export { type Environment, readEnvironment } from './process-environment.ts';
export * from './listener-schema.ts';
export { type Pop3PolicySettings, pop3PolicyShape } from './pop3-policy.ts';
export * from './schema-pieces.ts';
export { type SubmissionPolicySettings, submissionPolicyShape } from './submission-policy.ts';
export { suggestKey } from './suggest-key.ts';
