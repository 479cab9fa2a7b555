/**
 * What is wrong with a value that did not come from a file, a live setting say, in the words of
 * `config-problem.ts`.
 */
import type { z } from 'zod';
import { explainIssue, formatKey } from './config-problem.ts';
import { schemaShape } from './schema-shape.ts';

/**
 * @returns One line for each problem, `issuers[0].audience: is not a known key. Did you mean
 *   audiences?`; empty if there is none. The value is not repeated: it may hold a secret.
 */
export function explainValue(schema: z.ZodType, value: unknown): readonly string[] {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return [];
  const shape = schemaShape(schema);
  return parsed.error.issues
    .flatMap((issue) => explainIssue(issue, shape))
    .map(({ path, problem, remedy }) => `${formatKey(path)}: ${problem}. ${remedy}`);
}
