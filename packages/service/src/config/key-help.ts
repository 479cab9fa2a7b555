/** What a key's schema says of it beside its form. */

/** What `describeConfig` shows beside a key. */
export type KeyHelp = {
  readonly description: string;
  /** The setting's name in Exchange. */
  readonly exchangeName?: string;
  /**
   * A path, made absolute from the configuration's folder. Keys that end in `File` (must be
   * there) or `Folder` are paths without saying so; this is for a file that we make.
   */
  readonly isPath?: true;
  /** Why the key applies at the next start alone; holds for all keys inside. Others are live. */
  readonly restart?: string;
  /**
   * Applies when the file is read again (SIGHUP), and is set nowhere else: it names files of the
   * host. Holds for all keys inside.
   */
  readonly isReread?: true;
};

/** For `.meta(help('What it does.', 'ItsNameInExchange'))` in a program's own schema. */
export function help(description: string, exchangeName?: string): KeyHelp {
  return exchangeName === undefined ? { description } : { description, exchangeName };
}

/** For a key that names files of the host: `.meta({ ...help('…'), ...reread })`. */
export const reread: Required<Pick<KeyHelp, 'isReread'>> = { isReread: true };

/** For a key that is read once: `.meta({ ...help('…'), ...restart('ports are opened then') })`. */
export function restart(reason: string): Required<Pick<KeyHelp, 'restart'>> {
  return { restart: reason };
}
