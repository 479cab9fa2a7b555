/**
 * The only file that reads `process.env`. It needs nothing else, so that the command line can start
 * with it alone.
 */

export type Environment = Readonly<Record<string, string | undefined>>;

/** The process's environment. */
export function readEnvironment(): Environment {
  return process.env;
}
