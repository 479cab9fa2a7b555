/** The settings of the brute-force throttle; all apply live. Exchange has nothing of the kind. */
import type { ThrottleRules } from '@homeward/directory';
import { help, trustedNetworkSchema } from '@homeward/service';
import { z } from 'zod';

export interface ThrottleSettings {
  readonly enabled: boolean;
  readonly addressFailures: number;
  readonly accountFailures: number;
  readonly windowSeconds: number;
  readonly maxDelaySeconds: number;
  readonly maxIntervalSeconds: number;
  readonly knownDays: number;
  readonly ipv4PrefixBits: number;
  readonly ipv6PrefixBits: number;
  readonly allowNetworks: readonly string[];
  readonly denyNetworks: readonly string[];
}

const count = (fallback: number, text: string): z.ZodDefault<z.ZodNumber> =>
  z.number().int().min(1).max(100).default(fallback).meta(help(text));
const seconds = (most: number, fallback: number, text: string): z.ZodDefault<z.ZodNumber> =>
  z.number().int().min(1).max(most).default(fallback).meta(help(text));

export const throttleSchema: z.ZodType<ThrottleSettings> = z
  .strictObject({
    enabled: z.boolean().default(true).meta(help('Whether guessing at passwords is slowed down.')),
    addressFailures: count(
      10,
      'Different wrong passwords that one network may try, over all accounts, before it is slowed down; one more for each account that logged in from there lately.',
    ),
    accountFailures: count(
      5,
      'Different wrong passwords that strange networks together may try at one account before they are slowed down.',
    ),
    windowSeconds: seconds(86_400, 3_600, 'How long a wrong password counts.'),
    maxDelaySeconds: seconds(
      30,
      10,
      'Longest that a login is held before its password is looked at; whoever would have to wait longer is refused.',
    ),
    maxIntervalSeconds: seconds(
      3_600,
      60,
      'Longest time between two tries of a network, or of guessers at an account; it doubles from one second with each wrong password.',
    ),
    knownDays: z
      .number()
      .int()
      .min(1)
      .max(365)
      .default(30)
      .meta(
        help(
          'How long a network stays known to an account after a login; what others do elsewhere never slows the account down there.',
        ),
      ),
    ipv4PrefixBits: z
      .number()
      .int()
      .min(16)
      .max(32)
      .default(32)
      .meta(help('What counts as one network: 32 is each IPv4 address, 24 its neighbours too.')),
    ipv6PrefixBits: z
      .number()
      .int()
      .min(32)
      .max(64)
      .default(64)
      .meta(help('The same for IPv6, where 64 is what one household has.')),
    allowNetworks: z
      .array(trustedNetworkSchema)
      .max(256)
      .default([])
      .meta(help('Networks that are never slowed down: webmail, monitoring.')),
    denyNetworks: z
      .array(trustedNetworkSchema)
      .max(256)
      .default([])
      .meta(help('Networks from which nobody logs in; told so, whatever the password.')),
  })
  .prefault({});

/** As the throttle wants them. */
export function rulesOf(settings: ThrottleSettings): ThrottleRules {
  return {
    addressFailures: settings.addressFailures,
    accountFailures: settings.accountFailures,
    windowMs: settings.windowSeconds * 1_000,
    maxHoldMs: settings.maxDelaySeconds * 1_000,
    maxIntervalMs: settings.maxIntervalSeconds * 1_000,
    knownMs: settings.knownDays * 86_400_000,
  };
}
