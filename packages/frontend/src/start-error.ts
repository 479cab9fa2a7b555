/** Why a front end cannot start: what an operator gave, and what is wrong with it. */
export class StartError extends Error {
  override readonly name = 'StartError';
  /** Dotted, as in the configuration. */
  readonly setting: string;

  constructor(setting: string, text: string, cause?: unknown) {
    super(`${setting}: ${text}`, { cause });
    this.setting = setting;
  }
}
