/** The alert rules that operators are given name metrics and label values that exist. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string };
}

const docs = fileURLToPath(new URL('../../../../docs/', import.meta.url));
const { groups } = parse(readFileSync(`${docs}operations/alerts.yaml`, 'utf8')) as {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);

/** A metric's row of the reference. */
const rowOf: ReadonlyMap<string, string> = new Map(
  readdirSync(`${docs}reference`)
    .filter((file) => file.startsWith('metrics'))
    .flatMap((file) => readFileSync(`${docs}reference/${file}`, 'utf8').split('\n'))
    .flatMap((line): [string, string][] => {
      const name = /^\| `(\w+)` \|/.exec(line)?.[1];
      return name === undefined ? [] : [[name, line]];
    }),
);

describe('docs/operations/alerts.yaml', () => {
  it.each(rules)('$alert watches what there is', ({ expr, annotations }) => {
    const selectors = [
      ...expr.matchAll(/(homeward_\w+?)(?:_bucket|_count|_sum)?(?:\{([^}]*)\}|[^\w{])/g),
    ];
    expect(selectors.length).toBeGreaterThan(0);
    for (const [, name = '', matchers = ''] of selectors) {
      const row = rowOf.get(name);
      expect(row, name).toBeDefined();
      for (const [, label = '', values = ''] of matchers.matchAll(/(\w+)=~?"([^"]*)"/g)) {
        expect(row, label).toContain(`\`${label}\``);
        for (const value of values.split('|').filter((one) => !one.includes('*'))) {
          expect(row).toMatch(new RegExp(`[ :]${value}\\b`));
        }
      }
    }
    expect(annotations.summary).not.toBe('');
  });
});
