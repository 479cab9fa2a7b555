/** Mail that an MTA hands to the front end by LMTP: its settings, and where to listen. */
import {
  portSchema,
  type ProxyProtocolConfig,
  proxyProtocolSchema,
  restart,
  trustedNetworkSchema,
} from '@homeward/service';
import { z } from 'zod';

/** Live. */
export interface LmtpSettings {
  readonly enabled: boolean;
  readonly serverName: string;
  readonly trustedNetworks: readonly string[];
  readonly maxMessageBytes: number;
  readonly maxRecipients: number;
  readonly maxConnections: number;
  readonly idleSeconds: number;
}

export interface LmtpListenerConfig {
  readonly host: string;
  readonly port: number;
  readonly tls: 'implicit' | 'none';
  readonly proxyProtocol: ProxyProtocolConfig;
}

export interface LmtpConfig extends LmtpSettings {
  readonly listeners: readonly LmtpListenerConfig[];
  readonly clientCaFile?: string | undefined;
}

type Shape = {
  readonly [Key in keyof LmtpSettings]: z.ZodDefault<
    LmtpSettings[Key] extends boolean
      ? z.ZodBoolean
      : LmtpSettings[Key] extends string
        ? z.ZodString
        : LmtpSettings[Key] extends number
          ? z.ZodNumber
          : z.ZodArray<typeof trustedNetworkSchema>
  >;
};

/** Keys that are live. */
export const LMTP_SHAPE: Shape = {
  enabled: z
    .boolean()
    .default(true)
    .meta({ description: 'If not, MTAs are told to try again; without listeners it is off, too.' }),
  serverName: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,255}$/)
    .default('localhost')
    .meta({
      description: 'What the front end calls itself in the greeting and in Received.',
      exchangeName: 'Fqdn',
    }),
  trustedNetworks: z.array(trustedNetworkSchema).max(256).default([]).meta({
    description: 'Whose mail is taken at listeners without TLS: the MTAs. None: nobody’s.',
    exchangeName: 'RemoteIPRanges',
  }),
  maxMessageBytes: z.number().int().min(0).default(52_428_800).meta({
    description:
      'The largest message, in octets; 0: no limit. Best what the MTA has (message_size_limit of Postfix), or more.',
    exchangeName: 'MaxMessageSize',
  }),
  maxRecipients: z.number().int().min(1).max(10_000).default(1_000).meta({
    description: 'Recipients of one message; the MTA sends the rest in another one.',
    exchangeName: 'MaxRecipientsPerMessage',
  }),
  maxConnections: z.number().int().min(1).default(200).meta({
    description: 'Connections of MTAs to one worker process of the front end.',
    exchangeName: 'MaxInboundConnection',
  }),
  idleSeconds: z.number().int().min(1).max(3_600).default(300).meta({
    description: 'For how long an MTA may be silent.',
    exchangeName: 'ConnectionInactivityTimeout',
  }),
};

const listenerSchema: z.ZodType<LmtpListenerConfig> = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .default('::')
      .meta({ description: 'Address to listen on; :: is every address, IPv4 included.' }),
    port: portSchema.default(24),
    tls: z.enum(['implicit', 'none']).default('none').meta({
      description:
        'none: for lmtp.trustedNetworks alone. implicit: TLS from the first octet, for whoever shows a certificate of lmtp.clientCaFile.',
    }),
    proxyProtocol: proxyProtocolSchema,
  })
  .meta({ description: 'An address to listen on.' });

/** Keys that need a restart. */
export const LMTP_DOORS_SHAPE: {
  readonly listeners: z.ZodDefault<z.ZodArray<typeof listenerSchema>>;
  readonly clientCaFile: z.ZodOptional<z.ZodString>;
} = {
  listeners: z
    .array(listenerSchema)
    .max(64)
    .default([])
    .meta({
      description: 'Where MTAs hand over mail; off without any. Needs control.certFile.',
      ...restart('workers share ports, which they open together at the start'),
    }),
  clientCaFile: z
    .string()
    .min(1)
    .optional()
    .meta({
      description:
        'PEM: whose certificates MTAs may show at listeners with TLS. Certificates of the deployment’s own authority: ca/ca.crt.',
      ...restart('it belongs to the listeners'),
    }),
};

/** What cannot be, by key; for the check of the whole configuration. */
export function findLmtpProblems(
  { listeners, clientCaFile }: Pick<LmtpConfig, 'listeners' | 'clientCaFile'>,
  hasCertificate: boolean,
): readonly { path: string[]; message: string; params: { remedy: string } }[] {
  const problems = [];
  if (listeners.length > 0 && !hasCertificate) {
    problems.push({
      path: ['lmtp', 'listeners'],
      message: 'need a certificate, by which sites take mail from this front end',
      params: { remedy: 'Set control.certFile and control.keyFile; homeward init makes them.' },
    });
  }
  if (clientCaFile === undefined && listeners.some(({ tls }) => tls === 'implicit')) {
    problems.push({
      path: ['lmtp', 'clientCaFile'],
      message: 'is missing: whose certificates may MTAs show?',
      params: { remedy: 'Name the PEM file of an authority, such as ca/ca.crt.' },
    });
  }
  return problems;
}
