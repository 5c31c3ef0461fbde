import { RequestError } from '@octokit/request-error';
import { describe, expect, it } from 'vitest';
import { pages } from '../../functions/github/pages.ts';

const failure = (status: number) =>
  new RequestError(`status ${status}`, status, {
    request: { method: 'GET', url: 'https://github.test', headers: {} },
  });

/** Answers each call with the next of these: a page of this many items, or an error. */
function listingOf(...answers: (number | RequestError)[]) {
  const asked: unknown[] = [];
  const ask = async ({ page }: { readonly page: number }) => {
    asked.push(page);
    const answer = answers[asked.length - 1];
    if (typeof answer !== 'number') throw answer;
    const jobs = Array.from({ length: answer }, (_, index) => page * 1000 + index);
    return { data: { jobs }, status: 200, url: '', headers: {} };
  };
  return { ask, asked };
}

describe('a listing', () => {
  it('should be followed to the page that is not full', async () => {
    const { ask, asked } = listingOf(100, 100, 7);
    expect(await pages(ask, 'jobs')).toHaveLength(207);
    expect(asked).toEqual([1, 2, 3]);
  });

  it('should make a read once more that failed in passing, and lose no page', async () => {
    const { ask, asked } = listingOf(100, failure(502), 7);
    const found = await pages(ask, 'jobs');
    expect(found).toHaveLength(107);
    expect(asked).toEqual([1, 2, 2]);
  });

  it('should fail when it fails twice, and at once for a lasting failure', async () => {
    const twice = listingOf(failure(502), failure(503), 7);
    await expect(pages(twice.ask, 'jobs')).rejects.toThrow('status 503');
    const refused = listingOf(failure(403), 7);
    await expect(pages(refused.ask, 'jobs')).rejects.toThrow('status 403');
    expect(refused.asked).toHaveLength(1);
  });
});
