import type { Octokit } from '@octokit/core';
import { RequestError } from '@octokit/request-error';
import { malformedAnswer } from './errors.ts';
import { PAGE_SIZE } from './records.ts';

/** A 5xx, or no answer at all, which is 500 to Octokit. A limit is not: it would only be met again. */
export const isPassing = (error: unknown): boolean => error instanceof RequestError && error.status >= 500;

/**
 * All items of a listing that answers `{total_count, [key]: [...]}` or a bare list, page by page: a page that is
 * not full is the last. A read that failed in passing is made once more: otherwise it would cost a round of reconcile.
 */
export async function pages<Item = unknown>(
  octokit: Octokit,
  route: string,
  key: string | undefined,
  parameters: Readonly<Record<string, unknown>> = {},
  /** Called before each read; may throw to end it. */
  onRead: () => void = () => undefined,
): Promise<Item[]> {
  const items: Item[] = [];
  for (let page = 1; ; page++) {
    const read = () => {
      onRead();
      return octokit.request(route, { ...parameters, per_page: PAGE_SIZE, page });
    };
    const answer = await read().catch((error: unknown) => {
      if (!isPassing(error)) throw error;
      return read();
    });
    const found: unknown = key === undefined ? answer.data : Object(answer.data)[key];
    if (!Array.isArray(found)) throw malformedAnswer(answer);
    items.push(...found);
    if (found.length < PAGE_SIZE) return items;
  }
}
