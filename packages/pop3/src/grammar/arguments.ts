/**
 * Arguments of POP3 commands. Some clients send a blank behind a keyword or behind the last
 * number; nothing can be misread by that, so it is passed over (but never in a password).
 */

/** RFC 1939 §3 arguments are at most 40 characters; a number with more than ten is none here. */
const MESSAGE_NUMBER = /^0{0,8}(?<digits>[1-9]\d{0,9})$/u;
const LINE_COUNT = /^\d{1,15}$/u;

/** True if there are no arguments. */
export function isBlank(args: string | undefined): boolean {
  return args === undefined || /^ *$/u.test(args);
}

/** @returns The words between blanks. */
export function splitWords(args: string | undefined): readonly string[] {
  return args === undefined ? [] : args.split(' ').filter((word) => word !== '');
}

/** @returns A message number from 1, or undefined. */
export function parseMessageNumber(word: string | undefined): number | undefined {
  const digits = word === undefined ? undefined : MESSAGE_NUMBER.exec(word)?.groups?.['digits'];
  return digits === undefined ? undefined : Number(digits);
}

/** @returns A number of lines from 0, or undefined. */
export function parseLineCount(word: string | undefined): number | undefined {
  return word !== undefined && LINE_COUNT.test(word) ? Number(word) : undefined;
}
