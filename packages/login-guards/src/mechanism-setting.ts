/** The setting of which SASL mechanisms a protocol offers to people. */
import type { MechanismName } from '@homeward/sasl';
import { z } from 'zod';

const MECHANISMS = [
  'SCRAM-SHA-256-PLUS',
  'SCRAM-SHA-256',
  'PLAIN',
  'LOGIN',
  'OAUTHBEARER',
  'XOAUTH2',
] as const satisfies readonly MechanismName[];

/** All of them unless it says otherwise. */
export const mechanismsSchema: z.ZodDefault<z.ZodType<readonly MechanismName[]>> = z
  .array(z.enum(MECHANISMS))
  .min(1)
  .default([...MECHANISMS])
  .meta({
    description:
      'SASL mechanisms that are offered, those for tokens only if oauth.issuers names an issuer. Without PLAIN and LOGIN the commands LOGIN and USER are off, too.',
  });

/** @returns Those that make sense: by tokens nobody gets in while no issuer is believed. */
export function usableMechanisms(
  configured: readonly MechanismName[],
  believesIssuers: boolean,
): readonly MechanismName[] {
  return configured.filter(
    (name) => believesIssuers || !(name === 'OAUTHBEARER' || name === 'XOAUTH2'),
  );
}

/** Whether commands that show a password outside of SASL may be offered (LOGIN, USER). */
export function offersPasswordCommands(mechanisms: readonly MechanismName[]): boolean {
  return mechanisms.some((name) => name === 'PLAIN' || name === 'LOGIN');
}
