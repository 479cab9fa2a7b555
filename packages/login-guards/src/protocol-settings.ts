/**
 * The live settings of a protocol that people log in by, at a front end or at a home itself: the
 * same names, bounds and defaults, so that one settings document serves both.
 */
import type { LoginType, MechanismName } from '@homeward/sasl';
import { z } from 'zod';
import { mechanismsSchema } from './mechanism-setting.ts';

/** What the protocols have in common; all of it applies live. */
export interface ProtocolSettings {
  readonly enabled: boolean;
  readonly loginType: LoginType;
  readonly banner: string;
  readonly mechanisms: readonly MechanismName[];
  readonly maxCommandBytes: number;
}

/** Keys of a protocol's section. */
export interface ProtocolShape {
  readonly enabled: z.ZodDefault<z.ZodBoolean>;
  readonly loginType: z.ZodDefault<z.ZodType<LoginType>>;
  readonly banner: z.ZodDefault<z.ZodString>;
  readonly mechanisms: z.ZodDefault<z.ZodType<readonly MechanismName[]>>;
  readonly maxCommandBytes: z.ZodDefault<z.ZodNumber>;
}

const loginTypeForm = z
  .enum(['SecureLogin', 'PlainTextAuthentication', 'PlainTextLogin'])
  .default('SecureLogin')
  .meta({
    description: 'What a login needs: TLS, TLS unless the mechanism hides the secret, or nothing.',
    exchangeName: 'LoginType',
  });

/** Nothing that could end the greeting's line, or be taken for APOP's `<…>` (RFC 1939 §7). */
const bannerForm = z.string().regex(/^[ -;=?-~]{1,200}$/u);

interface ProtocolDefaults {
  readonly banner: string;
  /** Exchange's range and default, where it has them. */
  readonly leastBytes: number;
  readonly commandBytes: number;
  readonly mostBytes: number;
}

const IMAP: ProtocolDefaults = {
  banner: 'The Homeward IMAP4 service is ready.',
  leastBytes: 1024,
  commandBytes: 10_240,
  mostBytes: 16_384,
};
const POP3: ProtocolDefaults = {
  banner: 'The Homeward POP3 service is ready.',
  leastBytes: 40,
  commandBytes: 512,
  mostBytes: 1024,
};
/** RFC 5321 §4.5.3.1.4 asks for 512; AUTH may be as long as its mechanism needs (RFC 4954 §4). */
const SUBMISSION: ProtocolDefaults = {
  banner: 'The Homeward submission service is ready.',
  leastBytes: 512,
  commandBytes: 2048,
  mostBytes: 16_384,
};

function protocolShape({
  banner,
  leastBytes,
  commandBytes,
  mostBytes,
}: ProtocolDefaults): ProtocolShape {
  return {
    enabled: z
      .boolean()
      .default(true)
      .meta({ description: 'If not, clients are told goodbye; without listeners it is off, too.' }),
    loginType: loginTypeForm,
    banner: bannerForm
      .default(banner)
      .meta({ description: 'Text of the greeting.', exchangeName: 'Banner' }),
    mechanisms: mechanismsSchema,
    maxCommandBytes: z.number().int().min(leastBytes).max(mostBytes).default(commandBytes).meta({
      description: 'Octets of one command before login.',
      exchangeName: 'MaxCommandSize',
    }),
  };
}

/** Of IMAP. */
export const IMAP_SHAPE: ProtocolShape = protocolShape(IMAP);
/** Of POP3; its section has more. */
export const POP3_SHAPE: ProtocolShape = protocolShape(POP3);
/** Of submission; its section has more. */
export const SUBMISSION_SHAPE: ProtocolShape & {
  readonly idleSeconds: z.ZodDefault<z.ZodNumber>;
} = {
  ...protocolShape(SUBMISSION),
  idleSeconds: z.number().int().min(1).max(3_600).default(600).meta({
    description: 'Silence of both sides after login, in place of idleLimits.authenticatedSeconds.',
    exchangeName: 'ConnectionInactivityTimeout',
  }),
};
