/**
 * Metrics typed by a catalogue, kept and formatted by prom-client. The only file that knows that
 * library. Every series carries the label `worker`, the process it comes from: one that is started
 * again begins at zero, and a sum over workers made here would then fall and be taken for a
 * restart of all of them. Whoever asks may sum.
 */
import {
  collectDefaultMetrics,
  Counter as PromCounter,
  Gauge as PromGauge,
  Histogram as PromHistogram,
  Registry,
} from 'prom-client';
import {
  findCatalogueFaults,
  type LabelLists,
  listSeries,
  type MetricCatalogue,
  type MetricDeclaration,
  type MetricLabels,
  type MetricNames,
} from './metric-catalogue.ts';

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

type Labels = Readonly<Record<string, string>>;
type Instrument = CounterInstrument | GaugeInstrument | HistogramInstrument;

class MetricRegistry<Catalogue extends MetricCatalogue> implements Metrics<Catalogue> {
  readonly #registry: Registry = new Registry();
  readonly #instruments: Map<string, Instrument> = new Map();

  constructor({ catalogue, worker, includesProcess = true }: MetricsOptions<Catalogue>) {
    const faults = findCatalogueFaults(catalogue);
    if (faults.length > 0) throw new TypeError(faults.join('; '));
    this.#registry.setDefaultLabels({ worker });
    for (const [name, declaration] of Object.entries(catalogue)) {
      this.#instruments.set(name, createInstrument(name, declaration, this.#registry));
    }
    if (!includesProcess) return;
    collectDefaultMetrics({
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

/** What the catalogue's types say, once more for values that have no type any more. */
class LabelGuard {
  readonly #name: string;
  readonly #lists: ReadonlyMap<string, ReadonlySet<string>>;

  constructor(name: string, lists: LabelLists = {}) {
    this.#name = name;
    this.#lists = new Map(Object.entries(lists).map(([label, list]) => [label, new Set(list)]));
  }

  /** @throws TypeError: an undeclared value would be a series without bound. */
  check(labels: Labels): Labels {
    for (const [label, values] of this.#lists) {
      const value = labels[label];
      if (value !== undefined && values.has(value)) continue;
      throw new TypeError(`${this.#name}: ${label} has an undeclared value`);
    }
    return labels;
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

class CounterInstrument implements Counter<Labels> {
  readonly #counter: PromCounter;
  readonly #guard: LabelGuard;
  readonly #readers: Readers = new Map();

  constructor(name: string, declaration: MetricDeclaration, registry: Registry) {
    this.#guard = new LabelGuard(name, declaration.labels);
    this.#counter = new PromCounter({
      ...promOptions(name, declaration, registry),
      collect: () => {
        if (this.#readers.size === 0) return;
        this.#counter.reset();
        for (const { labels, read } of this.#readers.values()) this.#counter.inc(labels, read());
      },
    });
    const series = listSeries(declaration.labels ?? {});
    if (series.length <= MOST_ZEROES) for (const labels of series) this.#counter.inc(labels, 0);
  }

  add(labels: Labels, by: number = 1): void {
    this.#counter.inc(this.#guard.check(labels), by);
  }

  read(labels: Labels, read: () => number): void {
    this.#readers.set(JSON.stringify(labels), { labels: this.#guard.check(labels), read });
  }
}

class GaugeInstrument implements Gauge<Labels> {
  readonly #gauge: PromGauge;
  readonly #guard: LabelGuard;
  readonly #readers: Readers = new Map();

  constructor(name: string, declaration: MetricDeclaration, registry: Registry) {
    this.#guard = new LabelGuard(name, declaration.labels);
    this.#gauge = new PromGauge({
      ...promOptions(name, declaration, registry),
      collect: () => {
        for (const { labels, read } of this.#readers.values()) this.#gauge.set(labels, read());
      },
    });
  }

  set(labels: Labels, value: number): void {
    this.#gauge.set(this.#guard.check(labels), value);
  }

  add(labels: Labels, by: number): void {
    this.#gauge.inc(this.#guard.check(labels), by);
  }

  read(labels: Labels, read: () => number): void {
    this.#readers.set(JSON.stringify(labels), { labels: this.#guard.check(labels), read });
  }
}

class HistogramInstrument implements Histogram<Labels> {
  readonly #histogram: PromHistogram;
  readonly #guard: LabelGuard;

  constructor(
    name: string,
    declaration: MetricDeclaration & { kind: 'histogram' },
    registry: Registry,
  ) {
    this.#guard = new LabelGuard(name, declaration.labels);
    this.#histogram = new PromHistogram({
      ...promOptions(name, declaration, registry),
      buckets: [...declaration.buckets],
    });
  }

  observe(labels: Labels, value: number): void {
    this.#histogram.observe(this.#guard.check(labels), value);
  }
}
