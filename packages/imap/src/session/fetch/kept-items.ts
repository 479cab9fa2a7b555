/**
 * The content items of one FETCH that may be kept, if all of them may: what ENVELOPE,
 * BODYSTRUCTURE and lists of header fields say of a message never changes.
 */
import { latin1 } from '../response-writer.ts';
import type { Uid } from '../../ids.ts';
import type { FolderIndex, MessageFacts } from '../ports.ts';
import { type KeptTexts, LONGEST_KIND, type MessageTexts } from './kept-texts.ts';
import type { MessageReader } from './message-reader.ts';
import type { ContentItem, FetchPlan } from './plan.ts';
import { type SectionOctets, resolveSection } from './section.ts';

interface KeptItem {
  readonly item: ContentItem;
  /** How it is called in the answer; what it is kept under. */
  readonly name: string;
  readonly texts: MessageTexts;
}

/** For one command. */
export class KeptItems {
  readonly #items: readonly KeptItem[];

  private constructor(items: readonly KeptItem[]) {
    this.#items = items;
  }

  /** @returns undefined if some item has to be made anew each time. */
  static of(kept: KeptTexts, index: FolderIndex, plan: FetchPlan): KeptItems | undefined {
    if (plan.marksSeen) return undefined;
    const items: KeptItem[] = [];
    for (const item of plan.contentItems) {
      const name = nameOf(item);
      if (name === undefined || name.length > LONGEST_KIND) return undefined;
      items.push({ item, name, texts: kept.of(index, name) });
    }
    return items.length === 0 ? undefined : new KeptItems(items);
  }

  /** All items of a message with blanks between; undefined if one is not there. */
  find(uid: Uid): string | undefined {
    let text = '';
    for (const { texts } of this.#items) {
      const one = texts.get(uid);
      if (one === undefined) return undefined;
      text = text === '' ? one : `${text} ${one}`;
    }
    return text;
  }

  /** Makes and keeps them. @returns undefined if one cannot be had without waiting. */
  make(reader: MessageReader): string | undefined {
    let text = '';
    for (const { item, name, texts } of this.#items) {
      const one = formatItem(item, name, reader);
      if (one === undefined) return undefined;
      texts.set(reader.facts.uid, one);
      text = text === '' ? one : `${text} ${one}`;
    }
    return text;
  }
}

function nameOf(item: ContentItem): string | undefined {
  switch (item.item) {
    case 'envelope':
      return 'ENVELOPE';
    case 'body':
      return 'BODY';
    case 'body-structure':
      return 'BODYSTRUCTURE';
    case 'body-section': {
      const { part, text } = item.section;
      const isSelection = text.kind === 'header-fields' || text.kind === 'header-fields-not';
      const isKept = isSelection && part.length === 0 && item.partial === undefined;
      return isKept ? `BODY[${item.label}]` : undefined;
    }
    default:
      return undefined;
  }
}

function formatItem(item: ContentItem, name: string, reader: MessageReader): string | undefined {
  if (item.item !== 'body-section') return formatReady(name, readyOctets(item, reader.facts));
  // A header that is too long to be kept takes reading, which is not begun in vain.
  if (reader.facts.header === undefined) return undefined;
  const found = resolveSection(reader, item.section);
  if (found instanceof Promise) throw new Error('a header at hand was waited for');
  return formatSection(name, found);
}

function readyOctets(item: ContentItem, facts: MessageFacts): Uint8Array | undefined {
  if (item.item === 'envelope') return facts.envelope;
  return item.item === 'body' ? facts.body : facts.bodyStructure;
}

function formatReady(name: string, octets: Uint8Array | undefined): string {
  return octets === undefined ? `${name} NIL` : `${name} ${latin1(octets)}`;
}

function formatSection(name: string, found: SectionOctets): string | undefined {
  if (found.kind !== 'octets') return undefined;
  return `${name} {${found.octets.length}}\r\n${latin1(found.octets)}`;
}
