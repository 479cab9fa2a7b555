/**
 * The closed list of metrics: what each is called, what it means, and which values its labels can
 * have. Only declared values can be used, so that no address and no account becomes a label and
 * the number of series has a bound that one can read off the catalogue. Names are
 * `homeward_<area>_<thing>_<unit>`, with `_total` for what only grows; they are a contract with
 * dashboards and alarms.
 *
 * `docs/reference/metrics.md` is made from such lists.
 */

/** Every label with all the values that it can have. */
export type LabelLists = Readonly<Record<string, readonly string[]>>;

interface AnyDeclaration {
  /** One sentence for the operator who reads the reference. */
  readonly help: string;
  readonly labels?: LabelLists;
}

export interface CounterDeclaration extends AnyDeclaration {
  readonly kind: 'counter';
}

export interface GaugeDeclaration extends AnyDeclaration {
  readonly kind: 'gauge';
}

export interface HistogramDeclaration extends AnyDeclaration {
  readonly kind: 'histogram';
  /** Upper bounds, ascending, in the unit of the name. */
  readonly buckets: readonly number[];
}

export type MetricDeclaration = CounterDeclaration | GaugeDeclaration | HistogramDeclaration;
export type MetricKind = MetricDeclaration['kind'];
export type MetricCatalogue = Readonly<Record<string, MetricDeclaration>>;

/** The metrics of one kind. */
export type MetricNames<Catalogue extends MetricCatalogue, Kind extends MetricKind> = {
  [Name in keyof Catalogue & string]: Catalogue[Name]['kind'] extends Kind ? Name : never;
}[keyof Catalogue & string];

/** One value for each label; `{}` for a metric without any. */
export type MetricLabels<Declaration extends MetricDeclaration> = Declaration extends {
  readonly labels: infer Lists extends LabelLists;
}
  ? { readonly [Label in keyof Lists]: Lists[Label][number] }
  : Readonly<Record<string, never>>;

const NAME = /^homeward(?:_[a-z][a-z0-9]*){2,}$/;
const LABEL = /^[a-z][a-z0-9_]*$/;

/** @returns What is wrong with a catalogue, in sentences; a bug of whoever wrote it. */
export function findCatalogueFaults(catalogue: MetricCatalogue): readonly string[] {
  return Object.entries(catalogue).flatMap(([name, declaration]) => [
    ...(NAME.test(name) ? [] : [`${name} is not homeward_<area>_<thing>_<unit>`]),
    ...((declaration.kind === 'counter') === name.endsWith('_total')
      ? []
      : [`${name}: counters end in _total, and nothing else does`]),
    ...findLabelFaults(name, declaration.labels ?? {}),
    ...(declaration.kind === 'histogram' ? findBucketFaults(name, declaration.buckets) : []),
  ]);
}

function findLabelFaults(name: string, labels: LabelLists): readonly string[] {
  return Object.entries(labels).flatMap(([label, values]) => [
    // Prometheus has `le` for a histogram's buckets.
    ...(LABEL.test(label) && label !== 'le' ? [] : [`${name}: ${label} is no name for a label`]),
    ...(values.length > 0 ? [] : [`${name}: ${label} has no values`]),
    ...(new Set(values).size === values.length ? [] : [`${name}: ${label} has a value twice`]),
  ]);
}

function findBucketFaults(name: string, buckets: readonly number[]): readonly string[] {
  const ascends = buckets.every((bound, index) => index === 0 || bound > (buckets[index - 1] ?? 0));
  return buckets.length > 0 && ascends ? [] : [`${name}: its buckets do not ascend`];
}

/** All combinations of the labels' values. */
export function listSeries(labels: LabelLists): readonly Readonly<Record<string, string>>[] {
  return Object.entries(labels).reduce<readonly Readonly<Record<string, string>>[]>(
    (series, [label, values]) =>
      series.flatMap((one) => values.map((value) => ({ ...one, [label]: value }))),
    [{}],
  );
}
