import { isObject, type Json } from '../kit/json.ts';

/** GitHub's largest page (docs.github.com, Using pagination in the REST API). */
export const PAGE_SIZE = 100;

/** One page of a listing, as far as its records could be read. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Records that were left out because they are not of the documented form. */
  readonly malformedRecords: number;
  /** A page that is not full is the last: malformed records count. */
  readonly isLast: boolean;
}

/** Reads records one by one: a bad one spoils no other. */
export function readRecords<Item>(
  records: readonly unknown[],
  read: (record: Json) => Item | undefined,
): Page<Item> {
  const items = records.flatMap((record) => {
    const item = isObject(record) ? read(record) : undefined;
    return item === undefined ? [] : [item];
  });
  return {
    items,
    malformedRecords: records.length - items.length,
    isLast: records.length < PAGE_SIZE,
  };
}

/** Reads a body `{[key]: [...]}`; `undefined` for any other body. */
export function readPage<Item>(
  body: unknown,
  key: string,
  read: (record: Json) => Item | undefined,
): Page<Item> | undefined {
  const records = isObject(body) ? body[key] : undefined;
  return Array.isArray(records) ? readRecords(records, read) : undefined;
}
