/** The reference of a metric catalogue. */
import type { MetricCatalogue, MetricDeclaration } from '../metrics/index.ts';
import { code, formatMarkdownTable, formatPage, type ReferencePage } from './markdown-page.ts';

/** Beyond that, a list of values is told by its ends. */
const MOST_VALUES = 64;

/** @param catalogue The program's own metrics, without those of the service layer. */
export function formatMetricsReference(catalogue: MetricCatalogue, page: ReferencePage): string {
  const rows = Object.entries(catalogue).map(([name, declaration]) => [
    code(name),
    formatKind(declaration),
    formatLabels(declaration),
    declaration.help,
  ]);
  return formatPage(page, formatMarkdownTable(['metric', 'kind', 'labels', 'is'], rows));
}

function formatKind(declaration: MetricDeclaration): string {
  if (declaration.kind !== 'histogram') return declaration.kind;
  return `histogram: ${declaration.buckets.join(', ')}`;
}

function formatLabels({ labels = {} }: MetricDeclaration): string {
  return Object.entries(labels)
    .map(([label, values]) => `${code(label)}: ${formatValues(values)}`)
    .join('; ');
}

function formatValues(values: readonly string[]): string {
  if (values.length <= MOST_VALUES) return values.join(', ');
  return `${values[0] ?? ''} to ${values.at(-1) ?? ''}`;
}
