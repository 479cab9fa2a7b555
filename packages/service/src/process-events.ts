/** The process's own events, as a port: signals, and errors that nobody caught. */

export interface ProcessListeners {
  readonly onSignal: (signal: 'SIGTERM' | 'SIGINT') => void;
  /** SIGHUP; without it the process ends by that signal. */
  readonly onReload?: (() => void) | undefined;
  readonly onCrash: (kind: 'uncaught-exception' | 'unhandled-rejection', error: unknown) => void;
}

/** Starts to listen. @returns Stops it. */
export type ProcessEvents = (listeners: ProcessListeners) => () => void;

/** The real process. Node's own reaction to these (to end at once) is switched off meanwhile. */
export const onProcessEvents: ProcessEvents = ({ onSignal, onCrash, onReload }) => {
  const onException = (error: unknown): void => onCrash('uncaught-exception', error);
  const onRejection = (error: unknown): void => onCrash('unhandled-rejection', error);
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  if (onReload !== undefined) process.on('SIGHUP', onReload);
  process.on('uncaughtException', onException);
  process.on('unhandledRejection', onRejection);
  return () => {
    process.off('SIGTERM', onSignal);
    process.off('SIGINT', onSignal);
    if (onReload !== undefined) process.off('SIGHUP', onReload);
    process.off('uncaughtException', onException);
    process.off('unhandledRejection', onRejection);
  };
};
