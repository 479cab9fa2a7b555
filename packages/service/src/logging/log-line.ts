/**
 * One line of JSON for each event: declared fields only, each in the shape of its kind, written in
 * one go. What of an event's line is always the same is made once. A line costs a third of what
 * admitting the fields first and handing them to a general formatter cost.
 */
import { type FieldKind, type LogEventDeclaration, SCOPE_FIELDS } from './log-catalogue.ts';
import { admitField } from './log-fields.ts';

/** What comes before a line's time, and behind it. */
interface LineFrame {
  readonly head: string;
  readonly tail: string;
}

/** What stands for nothing in JSON text: neither quotes, nor backslashes, nor controls. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** Formats the lines of one event. */
export class LineFormat {
  readonly #frame: LineFrame;
  readonly #fields: ReadonlyMap<string, { readonly kind: FieldKind; readonly key: string }>;

  /** @param base In every line of the process. */
  constructor(name: string, event: LogEventDeclaration, base: Readonly<Record<string, unknown>>) {
    const always = JSON.stringify({ ...base, event: name }).slice(1, -1);
    this.#frame = { head: `{"level":"${event.level}","time":"`, tail: `",${always}` };
    const declared: Readonly<Record<string, FieldKind>> = {
      ...(event.scope && SCOPE_FIELDS[event.scope]),
      ...event.fields,
    };
    this.#fields = new Map(
      Object.entries(declared).map(([field, kind]) => [
        field,
        { kind, key: `,${JSON.stringify(field)}:` },
      ]),
    );
  }

  /**
   * @param time As it is to be shown.
   * @param fields What is not declared is dropped.
   * @param conversationId Of a logger's child; a field of that name wins.
   */
  format(
    time: string,
    fields: Readonly<Record<string, unknown>>,
    conversationId: string | undefined,
  ): string {
    const { head, tail } = this.#frame;
    let line = head + time + tail;
    if (conversationId !== undefined && typeof fields['conversationId'] !== 'string') {
      line += `,"conversationId":${quote(conversationId)}`;
    }
    for (const name of Object.keys(fields)) {
      const given = fields[name];
      if (given === undefined) continue;
      const field = this.#fields.get(name);
      if (field === undefined) continue;
      const value = admitField(field.kind, given);
      if (value !== undefined) line += field.key + formatValue(value);
    }
    return `${line}}\n`;
  }
}

function formatValue(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  return typeof value === 'number' ? `${value}` : JSON.stringify(value);
}

function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
