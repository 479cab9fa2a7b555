/** Logging: a closed catalogue of events, JSON lines. */
export {
  type FieldKind,
  type FieldsOf,
  LOG_LEVELS,
  type LogCatalogue,
  type LogEventDeclaration,
  type LogLevel,
  type LogScope,
  SCOPE_FIELDS,
} from './log-catalogue.ts';
export { LOG_EVENTS, type ServiceLogEvents } from './log-events.ts';
export { describeError } from './log-fields.ts';
export { createLogger, type Logger, type LoggerOptions } from './logger.ts';
