/** The client access rules as the directory has them: one live setting, checked on the way. */
import type { DirectoryDriver } from '@homeward/directory';
import { type AccessRule, clientAccessSchema } from '@homeward/login-guards';
import { explainValue } from '@homeward/service';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';

const SETTING = 'clientAccess.rules';

/** @throws OperatorError if what is there is no list of rules. */
export async function readRules(
  driver: Pick<DirectoryDriver, 'getSettings'>,
): Promise<readonly AccessRule[]> {
  const stored = (await driver.getSettings())[SETTING] ?? [];
  const parsed = clientAccessSchema.safeParse({ rules: stored });
  if (parsed.success) return parsed.data.rules;
  throw new OperatorError(
    `the setting ${SETTING} is no list of rules, and front ends ignore it; ` +
      `homeward settings unset ${SETTING} removes it`,
    EXIT_CODES.refused,
  );
}

/** @throws OperatorError that says what of them is not possible. */
export async function writeRules(
  driver: Pick<DirectoryDriver, 'setSetting'>,
  rules: readonly AccessRule[],
): Promise<void> {
  const parsed = clientAccessSchema.safeParse({ rules });
  if (!parsed.success) {
    // Only the rule that was given now can be wrong, so its place says nothing.
    const lines = explainValue(clientAccessSchema, { rules }).map((line) =>
      line.replace(/^rules\[\d+\]\./, ''),
    );
    throw new OperatorError(lines.join('\n'), EXIT_CODES.refused);
  }
  await driver.setSetting(SETTING, rules.length === 0 ? undefined : rules);
}

/** @param which A name in any case, or a place from 1 on. @throws OperatorError. */
export function findRule(
  rules: readonly AccessRule[],
  which: string,
): { readonly index: number; readonly rule: AccessRule } {
  const byName = rules.findIndex(({ name }) => name.toLowerCase() === which.toLowerCase());
  const index = byName >= 0 || !/^\d{1,3}$/.test(which) ? byName : Number(which) - 1;
  const rule = rules[index];
  if (rule !== undefined) return { index, rule };
  throw new OperatorError(`there is no rule ${which}; see homeward rules list`, EXIT_CODES.refused);
}
