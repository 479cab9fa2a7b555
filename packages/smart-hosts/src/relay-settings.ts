/**
 * The settings of the relay: which smart hosts mail to the outside goes through, all of them live.
 * What contradicts what is looked at when all are in force (`findRelayProblem`).
 */
import { help } from '@homeward/service';
import { z } from 'zod';

/** One smart host. */
export interface SmartHostSettings {
  readonly host: string;
  /** Undefined: 465 with implicit TLS, 587 else. */
  readonly port?: number | undefined;
  readonly tls: 'starttls' | 'implicit' | 'off';
  /** In the certificate, if it is not `host`. */
  readonly serverName: string;
  /** PEM of the authority to trust; empty: those that Node comes with. */
  readonly caFile: string;
  /** base64 of SHA-256 of public keys (SPKI), one of which must be the server's. */
  readonly pins: readonly string[];
  /** Empty: nobody logs in. */
  readonly user: string;
  readonly passwordFile: string;
}

export interface RelaySettings {
  readonly smartHosts: readonly SmartHostSettings[];
  readonly name: string;
  readonly connectionsPerHost: number;
  readonly recipientsPerMessage: number;
  readonly connectLimitMs: number;
}

const smartHostSchema: z.ZodType<SmartHostSettings> = z.strictObject({
  host: z.string().regex(/^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|[0-9A-Fa-f:.]+)$/u),
  port: z.number().int().min(1).max(65_535).optional(),
  tls: z.enum(['starttls', 'implicit', 'off']).default('starttls'),
  serverName: z
    .string()
    .regex(/^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z])?)?$/u)
    .default(''),
  caFile: z.string().default(''),
  pins: z
    .array(z.string().regex(/^[A-Za-z0-9+/]{43}=$/u))
    .max(8)
    .default([]),
  user: z.string().max(320).default(''),
  passwordFile: z.string().default(''),
});

export const relaySchema: z.ZodType<RelaySettings> = z
  .strictObject({
    smartHosts: z
      .array(smartHostSchema)
      .max(8)
      .default([])
      .meta(
        help(
          'Where mail to the outside goes, the next one when one fails: host, port, tls (starttls, which is never done without; implicit; off), serverName (in its certificate), caFile (the authority to trust; the public ones if left out), pins (of its key: base64 of SHA-256 of the SPKI), user and passwordFile (read for each new connection). Without any, mail to the outside is refused, and what waits in the queue goes on waiting.',
          'SmartHosts',
        ),
      ),
    name: z
      .string()
      .regex(/^[A-Za-z0-9.:[\]-]{0,255}$/u)
      .default('')
      .meta(
        help('What a site calls itself to smart hosts; the host’s own name if left out.', 'Fqdn'),
      ),
    connectionsPerHost: z
      .number()
      .int()
      .min(1)
      .max(64)
      .default(8)
      .meta(
        help('Connections at once, of each worker to each smart host.', 'MaxOutboundConnections'),
      ),
    recipientsPerMessage: z
      .number()
      .int()
      .min(1)
      .max(1_000)
      .default(100)
      .meta(
        help(
          'Recipients in one transaction; for more of them the message is sent again. 100 is what every server must take.',
        ),
      ),
    connectLimitMs: z
      .number()
      .int()
      .min(500)
      .max(120_000)
      .default(15_000)
      .meta(help('Limit for connecting, TLS, greeting and login together.', 'ConnectionTimeout')),
  })
  .prefault({});

/** What keeps a smart host from being used, and the remedy; undefined: nothing. */
export function findRelayProblem({ smartHosts }: RelaySettings): string | undefined {
  for (const [index, { tls, user, passwordFile, caFile, pins }] of smartHosts.entries()) {
    const where = `relay.smartHosts[${index}]`;
    if (tls === 'off' && user !== '') {
      return `${where}.user is given while tls is off: a password goes nowhere in the clear`;
    }
    if (tls === 'off' && (caFile !== '' || pins.length > 0)) {
      return `${where}.tls is off: leave caFile and pins out`;
    }
    if (user !== '' && passwordFile === '') {
      return `${where}.passwordFile is missing: give the file with the password of user`;
    }
  }
  return undefined;
}

/** The port that counts. */
export function portOf({ port, tls }: SmartHostSettings): number {
  return port ?? (tls === 'implicit' ? 465 : 587);
}
