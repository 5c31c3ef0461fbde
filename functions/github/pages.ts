import type { Octokit } from '@octokit/core';

const PAGE_SIZE = 100;

/**
 * All items of a listing that answers `{total_count, [key]: [...]}` or a bare list, page by page: a page that is
 * not full is the last.
 */
export async function pages<Item>(
  octokit: Octokit,
  route: string,
  key: string | undefined,
  parameters: Readonly<Record<string, unknown>> = {},
  /** Called before each read; may throw to end it. */
  onRead: () => void = () => undefined,
): Promise<Item[]> {
  const items: Item[] = [];
  for (let page = 1; ; page++) {
    onRead();
    const { data } = await octokit.request(route, { ...parameters, per_page: PAGE_SIZE, page });
    const found: Item[] = key === undefined ? data : data[key];
    items.push(...found);
    if (found.length < PAGE_SIZE) return items;
  }
}
