/**
 * The cells that a metric counts in, one for each combination of its labels' values. Whoever counts
 * thousands of times a second gets his cell by one look-up; whether the values are declared is
 * asked once for each.
 */
import type { LabelLists } from './metric-catalogue.ts';

export type Labels = Readonly<Record<string, string>>;

export class SeriesCells<Cell> {
  readonly #metric: string;
  readonly #lists: LabelLists;
  readonly #names: readonly string[];
  readonly #create: (labels: Labels) => Cell;
  readonly #cells = new Map<string, Cell>();

  /** @param metric Its name, for errors. */
  constructor(metric: string, lists: LabelLists, create: (labels: Labels) => Cell) {
    this.#metric = metric;
    this.#lists = lists;
    this.#names = Object.keys(lists);
    this.#create = create;
  }

  /** @throws TypeError: an undeclared label or value would be a series without bound. */
  get(labels: Labels): Cell {
    let key = '';
    for (const name of this.#names) key += `${labels[name]} `;
    let given = 0;
    for (const _name in labels) given += 1;
    const known = given === this.#names.length ? this.#cells.get(key) : undefined;
    if (known !== undefined) return known;
    this.#check(labels);
    const cell = this.#create({ ...labels });
    this.#cells.set(key, cell);
    return cell;
  }

  values(): Iterable<Cell> {
    return this.#cells.values();
  }

  #check(labels: Labels): void {
    for (const name of Object.keys(labels)) {
      if (Object.hasOwn(this.#lists, name)) continue;
      throw new TypeError(`${this.#metric}: ${name} is an undeclared label`);
    }
    for (const [name, values] of Object.entries(this.#lists)) {
      const value = labels[name];
      if (value !== undefined && values.includes(value)) continue;
      throw new TypeError(`${this.#metric}: ${name} has an undeclared value`);
    }
  }
}
