/** What every service is made of: clock, logging, configuration, life cycle, faults, ops port. */
export { type Clock, type Randomness, systemClock, systemRandomness, waitFor } from './clock.ts';
export * from './config/index.ts';
export * from './control/index.ts';
export { ALL_FAULTS, type Fault, type FaultTreatment, treatFault } from './fault.ts';
export { FAULT_HELP } from './fault-help.ts';
export {
  EXIT_CODES,
  type ExitCode,
  type Lifecycle,
  runService,
  type ServiceOptions,
  type StartedPart,
  type StopMode,
} from './lifecycle.ts';
export * from './logging/index.ts';
export * from './metrics/index.ts';
export type {
  LayerFacts,
  LayerState,
  ReadinessCheck,
  ReadinessChecks,
} from './ops/health-report.ts';
export { OpsPages, type OpsPagesOptions } from './ops/ops-pages.ts';
export {
  type OpenedOpsServer,
  openOpsServer,
  type OpsAnswer,
  OpsServer,
  type OpsServerOptions,
} from './ops/ops-server.ts';
export * from './protocol-log/index.ts';
export type { ProcessEvents, ProcessListeners } from './process-events.ts';
export {
  ProcessSupervisor,
  type ReadyWorker,
  startSupervisor,
  type SupervisorOptions,
  type WorkerExit,
} from './process-supervisor.ts';
export type { WorkerCrew } from './ops/worker-reports.ts';
export { ConfigReload, type ConfigReloadParts } from './settings/config-reload.ts';
export {
  FollowedSettings,
  type FollowedSettingsParts,
  type SettingsSource,
} from './settings/followed-settings.ts';
export { liveView } from './settings/live-view.ts';
export {
  overrideSettings,
  type SettingForms,
  type SettingProblem,
  type SettingsDocument,
} from './settings/override-settings.ts';
export { spreadEnds, type SpreadEnds, type SpreadOrder } from './spread-ends.ts';
export { type Answerer, openWorkerLink, type WorkerLink } from './worker-link.ts';
export type { WorkerAnswer, WorkerSilence } from './worker-questions.ts';
