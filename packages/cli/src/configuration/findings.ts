/** What the checks of a configuration gather. */

/** What is wrong, and what only may be. */
export interface Findings {
  readonly problems: string[];
  readonly warnings: string[];
}
