/**
 * Listeners in a configuration: an address, what TLS it has, and, where clients may come through
 * a load balancer, whose word about their address is believed.
 */
import { type NetworkFault, parseNetwork } from '@homeward/net';
import { z } from 'zod';
import { help } from './key-help.ts';

/** A TCP port; 0 lets the system choose. */
export const portSchema: z.ZodNumber = z
  .number()
  .int()
  .min(0)
  .max(65_535)
  .meta(help('TCP port; 0 lets the system choose one.'));

export type TlsMode = 'implicit' | 'starttls' | 'none';

export interface ListenerConfig {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsMode;
}

const listenerKeys = {
  host: z
    .string()
    .min(1)
    .default('::')
    .meta(help('Address to listen on; :: is every address, IPv4 included.')),
  port: portSchema,
  tls: z
    .enum(['implicit', 'starttls', 'none'])
    .default('implicit')
    .meta(help('TLS from the first octet, TLS on request (STARTTLS, STLS), or none at all.')),
};
const listenerHelp = help('An address to listen on.', 'SSLBindings, UnencryptedOrTLSBindings');

/** One address that a protocol listens on. */
export const listenerSchema: z.ZodType<ListenerConfig> = z
  .strictObject(listenerKeys)
  .meta(listenerHelp);

/** A network in CIDR notation whose word one may trust. */
export const trustedNetworkSchema: z.ZodType<string> = z
  .string()
  .check((context) => {
    const parsed = parseNetwork(context.value);
    if (parsed.ok) return;
    const [message, remedy] = explainFault(parsed.reason, parsed.suggestion);
    context.issues.push({ code: 'custom', input: context.value, message, params: { remedy } });
  })
  .meta(help('A network in CIDR notation, or one address.'));

function explainFault(reason: NetworkFault, meant = ''): readonly [string, string] {
  switch (reason) {
    case 'not-an-address':
      return ['is not an IP address or network', 'Write it like 10.0.0.0/8 or 2001:db8::/32.'];
    case 'bad-prefix':
      return ['has a prefix that is not possible', 'Write 0 to 32 for IPv4, to 128 for IPv6.'];
    case 'bits-behind-prefix':
      return ['has bits set behind its prefix', `Did you mean ${meant}?`];
    case 'everybody':
      return [
        'is everybody',
        'Name the networks that you mean; of those that may say who a client is, your load balancers alone.',
      ];
  }
}

export interface ProxyProtocolConfig {
  readonly mode: 'off' | 'optional' | 'required';
  readonly trustedNetworks: readonly string[];
  readonly headerLimitSeconds: number;
}

/** Whether a load balancer says who the client is, by PROXY protocol version 1 or 2. */
export const proxyProtocolSchema: z.ZodType<ProxyProtocolConfig> = z
  .strictObject({
    mode: z
      .enum(['off', 'optional', 'required'])
      .default('off')
      .meta(
        help(
          'Whether connections begin with a PROXY protocol header, version 1 or 2. Use required behind a load balancer; with optional, trusted clients without a header wait for a greeting that the server has to send first.',
        ),
      ),
    trustedNetworks: z
      .array(trustedNetworkSchema)
      .max(256)
      .default([])
      .meta(help('The load balancers. A header from anywhere else is refused.')),
    headerLimitSeconds: z
      .number()
      .int()
      .min(1)
      .max(60)
      .default(3)
      .meta(help('Limit for the header.')),
  })
  .check((context) => {
    const { mode, trustedNetworks } = context.value;
    if (mode === 'off' || trustedNetworks.length > 0) return;
    context.issues.push({
      code: 'custom',
      input: trustedNetworks,
      path: ['trustedNetworks'],
      message: 'is empty, so that nobody’s header would be believed',
      params: { remedy: 'Name the networks of your load balancers, or set mode to off.' },
    });
  })
  .prefault({})
  .meta(help('Who the client is when a load balancer stands before this listener.'));

/** `balancer`: TLS ended at the load balancer, which says so of each connection. */
export type ClientTlsMode = TlsMode | 'balancer';

export interface ClientListenerConfig extends Omit<ListenerConfig, 'tls'> {
  readonly tls: ClientTlsMode;
  readonly proxyProtocol: ProxyProtocolConfig;
}

/** A listener that clients may reach through a load balancer. */
export const clientListenerSchema: z.ZodType<ClientListenerConfig> = z
  .strictObject({
    ...listenerKeys,
    tls: z
      .enum(['implicit', 'starttls', 'none', 'balancer'])
      .default('implicit')
      .meta(
        help(
          'TLS from the first octet, TLS on request (STARTTLS, STLS), none at all, or ended at a load balancer, which has to say so in its PROXY protocol header (version 2, PP2_TYPE_SSL): a connection without that word counts as unencrypted.',
        ),
      ),
    proxyProtocol: proxyProtocolSchema,
  })
  .check((context) => {
    const { tls, proxyProtocol } = context.value;
    if (tls !== 'balancer' || proxyProtocol.mode !== 'off') return;
    context.issues.push({
      code: 'custom',
      input: tls,
      path: ['tls'],
      message: 'is balancer, but no balancer is believed here: proxyProtocol.mode is off',
      params: { remedy: 'Set proxyProtocol.mode to required, and its trustedNetworks.' },
    });
  })
  .meta(listenerHelp);
