/**
 * The address of a Redis as one line of configuration:
 *
 *     redis://host:6379/0                               one server (rediss:// with TLS)
 *     redis+sentinel://host:26379,host2:26379/main/0    by Sentinel: name of the main, then db
 *     redis+cluster://host:6379,host2:6379              Cluster
 *
 * `user:password@` may stand before the hosts. With `rediss+…` every connection has TLS.
 * Messages never show the line, since it may hold a password.
 */

export interface RedisAddress {
  readonly kind: 'standalone' | 'sentinel' | 'cluster';
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly hasTls: boolean;
  readonly database: number;
  /** Sentinel's name for the group. */
  readonly mainName: string | undefined;
}

const ADDRESS =
  /^(?<scheme>rediss?)(?:\+(?<kind>sentinel|cluster))?:\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^@/?#]+)(?:\/(?<path>[^?#]*))?$/;
const HOST = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<name>[^:[\]]+))(?::(?<port>\d{1,5}))?$/;

/** Reads such a line. Throws a RangeError that says what is wrong with it. */
export function parseRedisUrl(line: string): RedisAddress {
  const groups = ADDRESS.exec(line)?.groups;
  if (groups === undefined) {
    throw new RangeError('A Redis URL looks like redis://host:6379/0 or rediss://user:pw@host');
  }
  const kind = (groups['kind'] ?? 'standalone') as RedisAddress['kind'];
  const port = kind === 'sentinel' ? 26379 : 6379;
  const nodes = (groups['hosts'] ?? '').split(',').map((host) => parseHost(host, port));
  if (kind === 'standalone' && nodes.length > 1) {
    throw new RangeError('Several Redis hosts need redis+sentinel:// or redis+cluster://');
  }
  return {
    kind,
    nodes,
    username: decodePart(groups['user']),
    password: decodePart(groups['password']),
    hasTls: groups['scheme'] === 'rediss',
    ...parsePath(
      kind,
      (groups['path'] ?? '').split('/').filter((part) => part !== ''),
    ),
  };
}

function parseHost(text: string, defaultPort: number): { host: string; port: number } {
  const groups = HOST.exec(text)?.groups;
  const host = groups?.['v6'] ?? groups?.['name'];
  const port = Number(groups?.['port'] ?? defaultPort);
  if (host === undefined || port < 1 || port > 65_535) {
    throw new RangeError('A Redis URL has hosts of the form name:port, [address]:port or name');
  }
  return { host, port };
}

function parsePath(
  kind: RedisAddress['kind'],
  parts: readonly string[],
): Pick<RedisAddress, 'database' | 'mainName'> {
  const mainName = kind === 'sentinel' ? parts[0] : undefined;
  if (kind === 'sentinel' && mainName === undefined) {
    throw new RangeError('A redis+sentinel URL ends in the name of the main: …/mymaster');
  }
  const [database = '0', ...rest] = kind === 'sentinel' ? parts.slice(1) : parts;
  if (!/^\d{1,4}$/.test(database) || rest.length > 0 || (kind === 'cluster' && database !== '0')) {
    throw new RangeError('The path of a Redis URL is a database number (none for a Cluster)');
  }
  return { database: Number(database), mainName };
}

function decodePart(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RangeError('User and password in a Redis URL are percent-encoded');
  }
}
