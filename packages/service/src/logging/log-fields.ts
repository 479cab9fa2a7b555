/**
 * From what a program wants to log to what may be logged: declared fields only, each in the
 * shape of its kind and of bounded length.
 */
import type { FieldKind } from './log-catalogue.ts';

const TEXT_LIMIT = 256;
const TEXTS_LIMIT = 32;
const STACK_FRAMES = 12;

/** @returns The value as it may be logged; undefined for what is not of its kind. */
export function admitField(kind: FieldKind, value: unknown): unknown {
  switch (kind) {
    case 'text':
      return typeof value === 'string' ? cut(value) : undefined;
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? roundOff(value) : undefined;
    case 'flag':
      return typeof value === 'boolean' ? value : undefined;
    case 'texts':
      return Array.isArray(value) ? admitTexts(value) : undefined;
    case 'error':
      return describeError(value);
  }
}

function admitTexts(values: readonly unknown[]): readonly string[] {
  return values
    .slice(0, TEXTS_LIMIT)
    .filter((value) => typeof value === 'string')
    .map(cut);
}

function cut(text: string): string {
  return text.length > TEXT_LIMIT ? `${text.slice(0, TEXT_LIMIT)}…` : text;
}

// Microseconds are enough for durations.
function roundOff(value: number): number {
  return Number.isInteger(value) ? value : Math.round(value * 1_000) / 1_000;
}

/**
 * What of an error may be logged: its class, code, message and where it came from. A parser's
 * message quotes what it parsed, which may be anybody's mail: SyntaxErrors lose theirs.
 */
export function describeError(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { name: 'not-an-error', type: typeof error };
  const { code } = error as NodeJS.ErrnoException;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    name: error.name,
    ...(typeof code === 'string' ? { code: cut(code) } : {}),
    ...(error instanceof SyntaxError ? {} : { message: cut(error.message) }),
    stack: frames.slice(0, STACK_FRAMES).map((line) => line.trim()),
    ...(error.cause instanceof Error ? { cause: `${error.cause.name}` } : {}),
  };
}
