/**
 * Finds fields by name in a header block (RFC 5322 §2.2), as `walkHeaderFields` tells them apart,
 * but for SEARCH, which looks at one or two fields of each of many headers: lines whose first
 * letter is none that is wanted are passed over natively.
 */
import { unfoldValue, viewAsBuffer } from './header-fields.ts';

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const COLON = 0x3a;

/** Names of fields to be found, prepared by `createFieldNames`. */
export interface FieldNames {
  /** In lower case, by their first character in lower case. */
  readonly byInitial: readonly (readonly FieldName[] | undefined)[];
}

interface FieldName {
  readonly text: string;
  readonly order: number;
}

/** @param names In any case, each once; what is no field name is never found. */
export function createFieldNames(names: readonly string[]): FieldNames {
  const byInitial: (FieldName[] | undefined)[] = Array.from({ length: 256 });
  for (const [order, name] of names.entries()) {
    if (/^[!-9;-~]+$/.test(name)) {
      (byInitial[lower(name.charCodeAt(0))] ??= []).push({ text: name.toLowerCase(), order });
    }
  }
  return { byInitial };
}

/** As good as lower case for telling which lines are worth a look. */
function lower(code: number): number {
  return code | 0x20;
}

/**
 * Called for a field that was found: which name it has, by its order among the names, and where
 * its value lies behind the colon, line ends and all. @returns true to stop.
 */
export type NamedFieldVisitor = (order: number, start: number, end: number) => boolean;

/** @param header Latin-1 view of a header block; its empty line may be there or not. */
export function visitNamedFields(
  header: string,
  { byInitial }: FieldNames,
  visit: NamedFieldVisitor,
): void {
  for (let start = 0; start < header.length;) {
    const code = header.charCodeAt(start);
    if (code === LF || (code === CR && header.charCodeAt(start + 1) === LF)) return;
    const candidates = byInitial[lower(code)];
    const found = candidates === undefined ? undefined : findName(header, start, candidates);
    if (found === undefined) {
      // A continuation is passed over like a line of its own: no name begins with white space.
      const lineEnd = header.indexOf('\n', start);
      if (lineEnd === -1) return;
      start = lineEnd + 1;
    } else {
      const end = findFieldEnd(header, found.valueStart);
      if (visit(found.order, found.valueStart, end)) return;
      start = end;
    }
  }
}

function findName(
  header: string,
  start: number,
  candidates: readonly FieldName[],
): { readonly order: number; readonly valueStart: number } | undefined {
  for (const { text, order } of candidates) {
    let at = start + text.length;
    let code = header.charCodeAt(at);
    if (code !== COLON && code !== SPACE && code !== TAB) continue;
    if (header.slice(start, at).toLowerCase() !== text) continue;
    while (code === SPACE || code === TAB) code = header.charCodeAt((at += 1));
    return code === COLON ? { order, valueStart: at + 1 } : undefined;
  }
  return undefined;
}

/** @returns Behind the line end of the field's last line. */
function findFieldEnd(header: string, from: number): number {
  for (let at = header.indexOf('\n', from); at !== -1; at = header.indexOf('\n', at + 1)) {
    const next = header.charCodeAt(at + 1);
    if (next !== SPACE && next !== TAB) return at + 1;
  }
  return header.length;
}

/**
 * @param headerOctets A header block; its empty line may be there or not.
 * @param name Field name in any case.
 * @returns The values of all fields of that name, in order, as `readFieldValue` gives them.
 */
export function readHeaderFields(headerOctets: Uint8Array, name: string): readonly string[] {
  return readValues(headerOctets, name, Infinity);
}

/** @returns The first value of that name, or undefined if the header has no such field. */
export function readHeaderField(headerOctets: Uint8Array, name: string): string | undefined {
  return readValues(headerOctets, name, 1)[0];
}

/** Single names that were asked for, prepared; few, for they come from a few searches. */
const singleNames = new Map<string, FieldNames>();
const maxSingleNames = 64;

function prepareName(name: string): FieldNames {
  let names = singleNames.get(name);
  if (names === undefined) {
    names = createFieldNames([name]);
    if (singleNames.size >= maxSingleNames) singleNames.clear();
    singleNames.set(name, names);
  }
  return names;
}

function readValues(octets: Uint8Array, name: string, mostCount: number): readonly string[] {
  const header = viewAsBuffer(octets).toString('latin1');
  const values: string[] = [];
  visitNamedFields(header, prepareName(name), (_, start, end) => {
    return values.push(unfoldValue(header.slice(start, end))) >= mostCount;
  });
  return values;
}
