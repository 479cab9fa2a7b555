/**
 * Puts a login name into a filter or a DN. Whatever somebody types stays one value there: it is
 * escaped by RFC 4515 §3 or RFC 4514 §2.4, so that no name widens a search or leads elsewhere.
 */
import { Filter } from 'ldapts';

/** A login name in normal form, and its two halves. */
export interface LoginWords {
  readonly login: string;
  /** Of `anna@example.org` and `example\anna`: `anna`. */
  readonly user: string;
  /** `example.org`, `example`; empty for an alias. */
  readonly domain: string;
}

/** @param login Normalised by `normaliseLoginName`. */
export function splitLogin(login: string): LoginWords {
  const slash = login.indexOf('\\');
  if (slash >= 0) {
    return { login, user: login.slice(slash + 1), domain: login.slice(0, slash) };
  }
  const at = login.lastIndexOf('@');
  if (at < 0) return { login, user: login, domain: '' };
  return { login, user: login.slice(0, at), domain: login.slice(at + 1) };
}

/** A filter as text, all values escaped. */
export function fillFilter(template: string, words: LoginWords): string {
  return fill(template, words, (value) => Filter.escape(value));
}

/** The filter that finds everybody whom `fillFilter` finds by some login name. */
export function openFilter(template: string): string {
  return template.replace(/\{(?:login|user|domain)\}/g, '*');
}

/** A DN as text, all values escaped. */
export function fillDn(template: string, words: LoginWords): string {
  return fill(template, words, escapeDnValue);
}

/** RFC 4514 §2.4: special characters, a space or "#" in front, a space at the end, NUL. */
export function escapeDnValue(value: string): string {
  return value
    .replace(/[\\"+,;<>=]/g, '\\$&')
    .replaceAll('\0', '\\00')
    .replace(/^[ #]/, '\\$&')
    .replace(/ $/, '\\ ');
}

function fill(template: string, words: LoginWords, escape: (value: string) => string): string {
  // One pass: what a name brings in is never taken for a placeholder.
  return template.replace(/\{(login|user|domain)\}/g, (_all, name: keyof LoginWords) =>
    escape(words[name]),
  );
}
