/** POP3's grammar: octets to values and back. */
export { listCapabilities } from './capabilities.ts';
export type { LoginCapabilities, SitePolicy } from './capabilities.ts';
export { findCommandRow, formatCommand, POP3_COMMANDS } from './command-table.ts';
export type { CommandRow } from './command-table.ts';
export type { Pop3Command, Pop3CommandName, Pop3CommandOf, Pop3State } from './command.ts';
export { answerLang } from './texts/answer-lang.ts';
export type { LangAnswer } from './texts/answer-lang.ts';
export { ENGLISH } from './texts/english.ts';
export { DEFAULT_LANGUAGE, findLanguage, LANGUAGE_TAGS, LANGUAGES } from './texts/language.ts';
export type { Language, LanguageTag } from './texts/language.ts';
export type { Texts } from './texts/texts.ts';
export { parseCommand } from './parse-command.ts';
export type { CommandProblem, ParsedCommand } from './parse-command.ts';
export { formatChallenge, formatErr, formatLines, formatOk, parseServerLine } from './response.ts';
export type { ResponseCode, ServerLine } from './response.ts';
