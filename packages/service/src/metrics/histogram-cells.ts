/**
 * A histogram as prom-client's registry formats it. That library's own one makes texts of its
 * bounds and looks counts up by them, for each value; a login brings eight.
 */
import type { Histogram as PromHistogram, Registry } from 'prom-client';
import type { HistogramDeclaration } from './metric-catalogue.ts';
import { type Labels, SeriesCells } from './series-cells.ts';

/** One line of the text format. */
interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

interface Cell {
  readonly labels: Labels;
  /** Values within a bound and above the one before; the last are above all. */
  readonly counts: number[];
  sum: number;
}

export class HistogramCells {
  readonly name: string;
  readonly type = 'histogram';
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #cells: SeriesCells<Cell>;

  constructor(name: string, { help, labels = {}, buckets }: HistogramDeclaration) {
    this.name = name;
    this.#help = help;
    this.#bounds = buckets;
    this.#cells = new SeriesCells(name, labels, (of) => ({
      labels: of,
      counts: Array.from({ length: buckets.length + 1 }, () => 0),
      sum: 0,
    }));
  }

  /** What the registry needs of a metric is `name` and `get`; its types know its own classes. */
  register(registry: Registry): void {
    registry.registerMetric(this as unknown as PromHistogram);
  }

  observe(labels: Labels, value: number): void {
    const { counts } = this.#addTo(labels, value);
    let index = 0;
    for (const bound of this.#bounds) {
      if (value <= bound) break;
      index += 1;
    }
    counts[index] = (counts[index] ?? 0) + 1;
  }

  /** Asked by the registry. */
  get(): Promise<object> {
    const { name, type } = this;
    const values = [...this.#cells.values()].flatMap((cell) => this.#samplesOf(cell));
    return Promise.resolve({ name, help: this.#help, type, values, aggregator: 'sum' });
  }

  #addTo(labels: Labels, value: number): Cell {
    if (!Number.isFinite(value)) throw new TypeError(`${this.name}: ${value} is no number`);
    const cell = this.#cells.get(labels);
    cell.sum += value;
    return cell;
  }

  #samplesOf({ labels, counts, sum }: Cell): readonly Sample[] {
    let count = 0;
    const buckets = counts.map((inBucket, index) => {
      count += inBucket;
      const le = this.#bounds[index] ?? '+Inf';
      return { metricName: `${this.name}_bucket`, labels: { le, ...labels }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${this.name}_sum`, labels, value: sum },
      { metricName: `${this.name}_count`, labels, value: count },
    ];
  }
}
