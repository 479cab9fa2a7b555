/**
 * The settings that apply live: each has its name, its form, its default and what it is called
 * in Exchange, in one table. The configuration file gives the values to start with; the
 * directory's settings document overrides them at any time, without a restart.
 */
import type { LoginType } from '@homeward/sasl';
import { z } from 'zod';
import type { MailProtocol } from './conversation/ports.ts';

const UNLIMITED = 2_147_483_647;
const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DURATION_UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND_MS,
  min: MINUTE_MS,
  h: HOUR_MS,
};

/** "60 s", "30 min", "1 h", or Exchange's "00:30:00"; milliseconds inside. */
export function durationMs(minMs: number, maxMs: number): z.ZodType<number, string> {
  return z.string().transform((text, context) => {
    const value = parseDurationMs(text);
    if (value !== undefined && value >= minMs && value <= maxMs) return value;
    const range = `${minMs / SECOND_MS} s to ${maxMs / SECOND_MS} s`;
    context.addIssue(`must be a duration of ${range}, such as "90 s", "30 min" or "00:30:00"`);
    return z.NEVER;
  });
}

function parseDurationMs(text: string): number | undefined {
  const clock = /^(\d{1,2}):([0-5]\d):([0-5]\d)$/u.exec(text);
  if (clock !== null) {
    const [hours = 0, minutes = 0, seconds = 0] = clock.slice(1).map(Number);
    return hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS;
  }
  const [, count, unit] = /^(\d{1,9}) ?(ms|s|min|h)$/u.exec(text) ?? [];
  return count === undefined || unit === undefined
    ? undefined
    : Number(count) * (DURATION_UNITS_MS[unit] ?? 0);
}

/** No controls and nothing that could end the greeting's line (RFC 3501 §7.1 text). */
const banner = z.string().regex(/^[ -~]{1,200}$/u, 'must be 1 to 200 printable ASCII characters');

const count = z.int().min(1).max(UNLIMITED);
const loginTypeForm = z.enum(['SecureLogin', 'PlainTextAuthentication', 'PlainTextLogin']);

type ProtocolForms = {
  readonly [Name in keyof ProtocolSettings]: z.ZodDefault<z.ZodType<ProtocolSettings[Name]>>;
};

function protocolSettings(texts: {
  readonly banner: string;
  readonly commandBytes: readonly [least: number, usual: number, most: number];
}): ProtocolForms {
  const [least, usual, most] = texts.commandBytes;
  return {
    enabled: z.boolean().default(true).describe('Off: new connections are told goodbye'),
    loginType: loginTypeForm
      .default('SecureLogin')
      .describe('Exchange: LoginType. What a login needs of the connection'),
    banner: banner.default(texts.banner).describe('Exchange: Banner. Text of the greeting'),
    maxCommandBytes: z
      .int()
      .min(least)
      .max(most)
      .default(usual)
      .describe('Exchange: MaxCommandSize. Octets of one command before login'),
  };
}

const IMAP_SETTINGS = protocolSettings({
  banner: 'The Homeward IMAP4 service is ready.',
  commandBytes: [1024, 10_240, 16_384],
});
const POP3_SETTINGS = protocolSettings({
  banner: 'The Homeward POP3 service is ready.',
  commandBytes: [40, 512, 1024],
});

const LIMIT_SETTINGS = {
  perUser: count
    .default(16)
    .describe('Exchange: MaxConnectionsPerUser. Sessions of one account, over all front ends'),
  perAddress: count
    .default(UNLIMITED)
    .describe('Exchange: MaxConnectionFromSingleIP. From one address to one worker process'),
  total: count
    .default(UNLIMITED)
    .describe('Exchange: MaxConnections. To one worker process, logged in or not'),
};

const TIMEOUT_SETTINGS = {
  preAuthenticatedConnectionTimeout: durationMs(30 * SECOND_MS, HOUR_MS)
    .default(MINUTE_MS)
    .describe('Exchange: PreAuthenticatedConnectionTimeout. Time for each try to log in'),
  authenticatedConnectionTimeout: durationMs(30 * SECOND_MS, HOUR_MS)
    .default(30 * MINUTE_MS)
    .describe('Exchange: AuthenticatedConnectionTimeout. Silence after login'),
};

export interface ProtocolSettings {
  readonly enabled: boolean;
  readonly loginType: LoginType;
  readonly banner: string;
  readonly maxCommandBytes: number;
}

/** Values of all live settings at one moment. */
export type SettingValues = Readonly<Record<MailProtocol, ProtocolSettings>> & {
  readonly connectionLimits: {
    readonly perUser: number;
    readonly perAddress: number;
    readonly total: number;
  };
  readonly preAuthenticatedConnectionTimeout: number;
  readonly authenticatedConnectionTimeout: number;
};

/** The same as they stand in a configuration file, where all have defaults. */
export const SETTING_FORMS: {
  readonly [Name in keyof SettingValues]: z.ZodType<SettingValues[Name]>;
} = {
  imap: z.strictObject(IMAP_SETTINGS).prefault({}),
  pop3: z.strictObject(POP3_SETTINGS).prefault({}),
  connectionLimits: z.strictObject(LIMIT_SETTINGS).prefault({}),
  ...TIMEOUT_SETTINGS,
};

type SettingGroup = 'imap' | 'pop3' | 'connectionLimits';
const GROUPS: Readonly<Record<SettingGroup, Readonly<Record<string, z.ZodType>>>> = {
  imap: IMAP_SETTINGS,
  pop3: POP3_SETTINGS,
  connectionLimits: LIMIT_SETTINGS,
};

/** The form of every live setting by its dotted name: `imap.loginType`. */
export const LIVE_SETTINGS: ReadonlyMap<string, z.ZodType> = new Map([
  ...Object.entries(GROUPS).flatMap(([group, settings]) =>
    Object.entries(settings).map(([name, form]): [string, z.ZodType] => [`${group}.${name}`, form]),
  ),
  ...Object.entries(TIMEOUT_SETTINGS),
]);

/** Why a value of the settings document is not used. */
export interface SettingProblem {
  readonly name: string;
  readonly text: string;
}

/**
 * Lays the settings document over the configured values. A value that is not right changes
 * nothing and is named; names that are not ours are somebody else's.
 */
export function overrideSettings(
  configured: SettingValues,
  document: Readonly<Record<string, unknown>>,
): { readonly values: SettingValues; readonly problems: readonly SettingProblem[] } {
  const problems: SettingProblem[] = [];
  let values: SettingValues = configured;
  for (const [name, value] of Object.entries(document)) {
    const form = LIVE_SETTINGS.get(name);
    if (form === undefined) continue;
    const parsed = form.safeParse(value);
    if (parsed.success) values = withValue(values, name, parsed.data);
    else problems.push({ name, text: parsed.error.issues[0]?.message ?? 'is not valid' });
  }
  return { values, problems };
}

function withValue(values: SettingValues, name: string, value: unknown): SettingValues {
  const [group = '', key] = name.split('.');
  if (key === undefined) return { ...values, [group]: value };
  const inside: object = values[group as SettingGroup];
  return { ...values, [group]: { ...inside, [key]: value } };
}
