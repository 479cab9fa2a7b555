/** Binary search in ascending UIDs. */
import type { UidList } from './ports.ts';

/** @returns the first position whose UID is at least `uid`; the list's length if none is. */
export function lowerBoundOfUid(list: UidList, uid: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list.values[middle] ?? 0) < uid) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** @returns the position of `uid`, or -1. */
export function findUid(list: UidList, uid: number): number {
  const position = lowerBoundOfUid(list, uid);
  return position < list.length && list.values[position] === uid ? position : -1;
}
