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

/** Opening a part throws only for what an operator gave: says where. */
export async function blame<Part>(setting: string, open: () => Promise<Part>): Promise<Part> {
  try {
    return await open();
  } catch (error) {
    throw new StartError(setting, error instanceof Error ? error.message : 'unknown', error);
  }
}
