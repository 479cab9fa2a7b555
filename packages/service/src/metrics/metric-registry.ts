/**
 * Metrics typed by a catalogue, kept and formatted by prom-client. The only file that works
 * with that library. Every series carries the label `worker`, the process it comes from: one that is started
 * again begins at zero, and a sum over workers made here would then fall and be taken for a
 * restart of all of them. Whoever asks may sum.
 */
import type { Counter as PromCounter, Gauge as PromGauge, Registry } from 'prom-client';
import { HistogramCells } from './histogram-cells.ts';
import {
  findCatalogueFaults,
  type HistogramDeclaration,
  type LabelLists,
  listSeries,
  type MetricCatalogue,
  type MetricDeclaration,
  type MetricLabels,
  type MetricNames,
} from './metric-catalogue.ts';
import { loadPrometheus } from './prometheus.ts';
import { type Labels, SeriesCells } from './series-cells.ts';

/** A count that only grows; use either `add` or `read` for one metric. */
export interface Counter<Labels> {
  /** @param by Default 1; not negative. */
  add(labels: Labels, by?: number): void;
  /** Asked whenever somebody looks: for counts that another part keeps. */
  read(labels: Labels, count: () => number): void;
}

/** A number of this moment; use either `set` and `add`, or `read`. */
export interface Gauge<Labels> {
  set(labels: Labels, value: number): void;
  add(labels: Labels, by: number): void;
  read(labels: Labels, value: () => number): void;
}

/** How often a value fell into which bucket. */
export interface Histogram<Labels> {
  observe(labels: Labels, value: number): void;
}

export interface Metrics<Catalogue extends MetricCatalogue> {
  counter<Name extends MetricNames<Catalogue, 'counter'>>(
    name: Name,
  ): Counter<MetricLabels<Catalogue[Name]>>;
  gauge<Name extends MetricNames<Catalogue, 'gauge'>>(
    name: Name,
  ): Gauge<MetricLabels<Catalogue[Name]>>;
  histogram<Name extends MetricNames<Catalogue, 'histogram'>>(
    name: Name,
  ): Histogram<MetricLabels<Catalogue[Name]>>;
  /** In Prometheus's text format 0.0.4. Rejects if a function given to `read` throws. */
  format(): Promise<string>;
}

export interface MetricsOptions<Catalogue extends MetricCatalogue> {
  readonly catalogue: Catalogue;
  /** Which of the service's processes: `0`, `1`, …, or `supervisor`. */
  readonly worker: string;
  /** Adds CPU, memory, descriptors, event loop and garbage collection. Default true. */
  readonly includesProcess?: boolean;
}

/** Counters show zero from the beginning unless they have more series than this. */
const MOST_ZEROES = 200;
const EVENT_LOOP_RESOLUTION_MS = 20;

/** @throws TypeError when the catalogue is not in order: a bug. Call it once in a process. */
export function createMetrics<const Catalogue extends MetricCatalogue>(
  options: MetricsOptions<Catalogue>,
): Metrics<Catalogue> {
  return new MetricRegistry<Catalogue>(options);
}

type Instrument = CounterInstrument | GaugeInstrument | HistogramInstrument;

class MetricRegistry<Catalogue extends MetricCatalogue> implements Metrics<Catalogue> {
  readonly #registry: Registry = new (loadPrometheus().Registry)();
  readonly #instruments: Map<string, Instrument> = new Map();

  constructor({ catalogue, worker, includesProcess = true }: MetricsOptions<Catalogue>) {
    const faults = findCatalogueFaults(catalogue);
    if (faults.length > 0) throw new TypeError(faults.join('; '));
    this.#registry.setDefaultLabels({ worker });
    for (const [name, declaration] of Object.entries(catalogue)) {
      this.#instruments.set(name, createInstrument(name, declaration, this.#registry));
    }
    if (!includesProcess) return;
    loadPrometheus().collectDefaultMetrics({
      register: this.#registry,
      eventLoopMonitoringPrecision: EVENT_LOOP_RESOLUTION_MS,
    });
  }

  counter<Name extends MetricNames<Catalogue, 'counter'>>(
    name: Name,
  ): Counter<MetricLabels<Catalogue[Name]>> {
    return this.#get(name, CounterInstrument);
  }

  gauge<Name extends MetricNames<Catalogue, 'gauge'>>(
    name: Name,
  ): Gauge<MetricLabels<Catalogue[Name]>> {
    return this.#get(name, GaugeInstrument);
  }

  histogram<Name extends MetricNames<Catalogue, 'histogram'>>(
    name: Name,
  ): Histogram<MetricLabels<Catalogue[Name]>> {
    return this.#get(name, HistogramInstrument);
  }

  format(): Promise<string> {
    return this.#registry.metrics();
  }

  #get<Kind extends Instrument>(name: string, kind: new (...given: never[]) => Kind): Kind {
    const instrument = this.#instruments.get(name);
    if (instrument instanceof kind) return instrument;
    throw new TypeError(`${name} is not declared as such`);
  }
}

function createInstrument(
  name: string,
  declaration: MetricDeclaration,
  registry: Registry,
): Instrument {
  switch (declaration.kind) {
    case 'counter':
      return new CounterInstrument(name, declaration, registry);
    case 'gauge':
      return new GaugeInstrument(name, declaration, registry);
    case 'histogram':
      return new HistogramInstrument(name, declaration, registry);
  }
}

interface PromOptions {
  readonly name: string;
  readonly help: string;
  readonly labelNames: string[];
  readonly registers: Registry[];
}

function promOptions(
  name: string,
  { help, labels = {} }: MetricDeclaration,
  registry: Registry,
): PromOptions {
  return { name, help, labelNames: Object.keys(labels), registers: [registry] };
}

type Readers = Map<string, { readonly labels: Labels; readonly read: () => number }>;

/** A number that changes often; prom-client hears of it when somebody looks. */
interface NumberCell {
  readonly labels: Labels;
  value: number;
}

function numberCells(name: string, lists: LabelLists = {}): SeriesCells<NumberCell> {
  return new SeriesCells(name, lists, (labels) => ({ labels, value: 0 }));
}

class CounterInstrument implements Counter<Labels> {
  readonly #counter: PromCounter;
  readonly #cells: SeriesCells<NumberCell>;
  readonly #readers: Readers = new Map();

  constructor(name: string, declaration: MetricDeclaration, registry: Registry) {
    this.#cells = numberCells(name, declaration.labels);
    const { Counter: PrometheusCounter } = loadPrometheus();
    this.#counter = new PrometheusCounter({
      ...promOptions(name, declaration, registry),
      collect: () => this.#collect(),
    });
    const series = listSeries(declaration.labels ?? {});
    if (series.length <= MOST_ZEROES) for (const labels of series) this.#cells.get(labels);
  }

  add(labels: Labels, by: number = 1): void {
    if (!(by >= 0)) throw new TypeError('a count only grows');
    this.#cells.get(labels).value += by;
  }

  read(labels: Labels, read: () => number): void {
    this.#readers.set(JSON.stringify(labels), { labels: this.#cells.get(labels).labels, read });
  }

  #collect(): void {
    for (const { labels, read } of this.#readers.values()) this.#cells.get(labels).value = read();
    this.#counter.reset();
    for (const { labels, value } of this.#cells.values()) this.#counter.inc(labels, value);
  }
}

class GaugeInstrument implements Gauge<Labels> {
  readonly #gauge: PromGauge;
  readonly #cells: SeriesCells<NumberCell>;
  readonly #readers: Readers = new Map();

  constructor(name: string, declaration: MetricDeclaration, registry: Registry) {
    this.#cells = numberCells(name, declaration.labels);
    const { Gauge: PrometheusGauge } = loadPrometheus();
    this.#gauge = new PrometheusGauge({
      ...promOptions(name, declaration, registry),
      collect: () => {
        for (const { labels, read } of this.#readers.values()) {
          this.#cells.get(labels).value = read();
        }
        for (const { labels, value } of this.#cells.values()) this.#gauge.set(labels, value);
      },
    });
  }

  set(labels: Labels, value: number): void {
    this.#cells.get(labels).value = value;
  }

  add(labels: Labels, by: number): void {
    this.#cells.get(labels).value += by;
  }

  read(labels: Labels, read: () => number): void {
    this.#readers.set(JSON.stringify(labels), { labels: this.#cells.get(labels).labels, read });
  }
}

class HistogramInstrument implements Histogram<Labels> {
  readonly #cells: HistogramCells;

  constructor(name: string, declaration: HistogramDeclaration, registry: Registry) {
    this.#cells = new HistogramCells(name, declaration);
    this.#cells.register(registry);
  }

  observe(labels: Labels, value: number): void {
    this.#cells.observe(labels, value);
  }
}
