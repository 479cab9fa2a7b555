/** A place where mailboxes live, and what it is called. */

/** One host for one protocol. */
export interface HomeHost {
  readonly site: string;
  readonly protocol: string;
  readonly host: string;
  readonly port: number;
}

export function keyOf({ site, protocol, host, port }: HomeHost): string {
  return `${site} ${protocol} ${host} ${port}`;
}

/** For people. */
export function addressOf({ protocol, host, port }: HomeHost): string {
  return `${protocol} ${host}:${port}`;
}
