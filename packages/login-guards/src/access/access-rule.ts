/**
 * Client access rules: who may log in how, and from where. A rule has conditions that must all be
 * met, and exceptions of which none may be; the first rule of the list that applies decides, and
 * where none does the login is let on. They are one live setting, `clientAccess.rules`.
 *
 * Exchange: New-ClientAccessRule with AnyOfProtocols, AnyOfClientIPAddressesOrRanges,
 * AnyOfAuthenticationTypes, UsernameMatchesAnyOfPatterns and their ExceptAnyOf….
 */
import { help, trustedNetworkSchema } from '@homeward/service';
import { z } from 'zod';
import {
  RULE_MECHANISMS,
  RULE_PROTOCOLS,
  type RuleMechanism,
  type RuleProtocol,
} from './rule-words.ts';

/** What a login may be; each list is met by any of its members. */
export interface RuleConditions {
  readonly protocols?: readonly RuleProtocol[] | undefined;
  readonly networks?: readonly string[] | undefined;
  readonly mechanisms?: readonly RuleMechanism[] | undefined;
  /** Whether the connection is encrypted. */
  readonly tls?: boolean | undefined;
  /** Addresses or login names; `*` stands for anything. */
  readonly accounts?: readonly string[] | undefined;
  /** Where the mailbox is. */
  readonly sites?: readonly string[] | undefined;
}

export interface AccessRule {
  /** Unique, whatever its case. */
  readonly name: string;
  readonly action: 'allow' | 'deny';
  readonly when: RuleConditions;
  readonly unless: RuleConditions;
}

export interface ClientAccessSettings {
  readonly rules: readonly AccessRule[];
}

/** More would be a directory of its own. */
export const RULE_COUNT_LIMIT = 200;
const LIST_LIMIT = 256;

function listOf<Item extends z.ZodType>(item: Item): z.ZodOptional<z.ZodArray<Item>> {
  return z.array(item).min(1).max(LIST_LIMIT).optional();
}

const conditions = z.strictObject({
  protocols: listOf(z.enum(RULE_PROTOCOLS)),
  networks: listOf(trustedNetworkSchema),
  mechanisms: listOf(z.enum(RULE_MECHANISMS)),
  tls: z.boolean().optional(),
  accounts: listOf(z.string().min(1).max(320)),
  sites: listOf(z.string().min(1).max(63)),
});

/** One rule, as a file or the directory has it. */
export const accessRuleSchema: z.ZodType<AccessRule> = z.strictObject({
  name: z.string().regex(/^[\w][\w .-]{0,63}$/u),
  action: z.enum(['allow', 'deny']),
  when: conditions.default({}),
  unless: conditions.default({}),
});

export const clientAccessSchema: z.ZodType<ClientAccessSettings> = z
  .strictObject({
    rules: z
      .array(accessRuleSchema)
      .max(RULE_COUNT_LIMIT)
      .refine(
        (rules) => new Set(rules.map(({ name }) => name.toLowerCase())).size === rules.length,
        'has two rules of one name',
      )
      .default([])
      .meta(
        help(
          'Who may log in how and from where; the first rule that applies decides. Use homeward rules.',
          'ClientAccessRule',
        ),
      ),
  })
  .prefault({});
