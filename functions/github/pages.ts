import { RequestError } from '@octokit/request-error';
import { malformedAnswer } from './errors.ts';
import { PAGE_SIZE } from './records.ts';

/** A 5xx, or no answer at all, which is 500 to Octokit. A limit is not: it would only be met again. */
export const isPassing = (error: unknown): boolean => error instanceof RequestError && error.status >= 500;

/** What is read of Octokit's answers. */
export interface Answer {
  readonly data: unknown;
  readonly status: number;
  readonly url: string;
  readonly headers: Record<string, string | number | undefined>;
}

/**
 * All items of a listing that answers `{total_count, [key]: [...]}` or a bare list, page by page: a page that is
 * not full is the last. A read that failed in passing is made once more: otherwise it would cost a round of reconcile.
 * Octokit's `paginate` would take a 409 for an empty list, and drop the call's signal (ADR 1).
 */
export async function pages<Item = unknown>(
  ask: (page: { readonly per_page: number; readonly page: number }) => Promise<Answer>,
  key: string | undefined,
): Promise<Item[]> {
  const items: Item[] = [];
  for (let page = 1; ; page++) {
    const read = () => ask({ per_page: PAGE_SIZE, page });
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
