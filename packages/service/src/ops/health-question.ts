/** Which health page is asked for; bears JSON, for a supervisor asks its workers the same. */

export interface HealthQuestion {
  /** One protocol's; absent: the process alone. */
  readonly room?: string;
  /** Of it one layer alone. */
  readonly layer?: string;
  /** Also the layers that decide nothing. */
  readonly isVerbose?: boolean;
}

const ROOM_PATH = /^\/health\/([a-z0-9-]{1,32})(?:\/([a-z0-9-]{1,32}))?$/;

/** @returns Nothing if the path is no health page's. */
export function parseHealthPath(path: string, query: string): HealthQuestion | undefined {
  const isVerbose = new URLSearchParams(query).has('verbose');
  if (path === '/readyz') return { isVerbose };
  const [, room, layer] = ROOM_PATH.exec(path) ?? [];
  if (room === undefined) return undefined;
  return { room, ...(layer !== undefined && { layer }), isVerbose };
}

/** @param value From another process of the same release. */
export function readHealthQuestion(value: unknown): HealthQuestion {
  return typeof value === 'object' && value !== null ? value : {};
}
