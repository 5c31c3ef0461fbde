import type { ServiceError } from '../core/words/errors.ts';

/** What could be read of a list that is read in parts, and why the rest could not. */
export interface PartialListing<Item> {
  readonly items: readonly Item[];
  /** One for each part that could not be read. Empty: all of them were. */
  readonly errors: readonly ServiceError[];
  /** Records that were left out because they are not of the documented form. */
  readonly malformedRecords: number;
}

/** The items, for a caller to whom a part of them is of no use. Throws the first of the errors. */
export function wholeOf<Item>({ items, errors }: PartialListing<Item>): readonly Item[] {
  if (errors[0] !== undefined) throw errors[0];
  return items;
}
