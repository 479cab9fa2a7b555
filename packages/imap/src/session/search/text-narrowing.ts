/**
 * What the store's text index knows before any message is looked into: which messages cannot
 * match a text key (package search plans the questions). It never says that one does.
 */
import {
  type TextNarrowing,
  type TextQuery,
  contentQueryOf,
  headerQueryOf,
  planTextSearch,
} from '@homeward/search';
import type { SearchKey } from '../../grammar/command.ts';
import type { Uid } from '../../ids.ts';
import type { FolderPort } from '../ports.ts';
import type { TextKey } from './predicate.ts';
import { foldSearchText } from './text-match.ts';

/** For so few messages asking takes longer than looking. */
const WORTHWHILE_COUNT = 30;

/** @returns undefined if nothing is to be learned. */
export async function askTextIndex(
  folder: FolderPort,
  criteria: SearchKey,
  charset: string | undefined,
  openCount: number,
): Promise<TextNarrowing<SearchKey, Uid> | undefined> {
  if (openCount < WORTHWHILE_COUNT) return undefined;
  const plan = planTextSearch(criteria, (key: SearchKey) => queryOf(key, charset));
  if (plan.queries.length === 0) return undefined;
  return plan.narrow(await folder.findTextCandidates(plan.queries));
}

function queryOf(key: SearchKey, charset: string | undefined): TextQuery | undefined {
  switch (key.key) {
    case 'header':
      return headerQueryOf(key.field, foldSearchText(key.text, charset));
    case 'body':
    case 'text':
      return contentQueryOf(key.key, foldSearchText(key.text, charset));
    default:
      return undefined;
  }
}

/** Nothing is ruled out where the index was not asked. */
export function rulesOut(
  narrowing: TextNarrowing<SearchKey, Uid> | undefined,
  key: TextKey,
  uid: Uid,
): boolean {
  return narrowing?.rulesOut(key, uid) ?? false;
}
