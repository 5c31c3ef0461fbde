import type { Octokit } from '@octokit/core';
import { RequestError } from '@octokit/request-error';
import { describe, expect, it } from 'vitest';
import { pages } from '../../functions/github/pages.ts';

const failure = (status: number) =>
  new RequestError(`status ${status}`, status, {
    request: { method: 'GET', url: 'https://github.test', headers: {} },
  });

/** Answers each call with the next of these: a page of this many items, or an error. */
function octokitWith(...answers: (number | RequestError)[]) {
  const asked: unknown[] = [];
  const request = async (_route: string, { page }: { page: number }) => {
    asked.push(page);
    const answer = answers[asked.length - 1];
    if (typeof answer !== 'number') throw answer;
    return { data: { jobs: Array.from({ length: answer }, (_, index) => page * 1000 + index) } };
  };
  return { octokit: { request } as unknown as Octokit, asked };
}

describe('a listing', () => {
  it('should be followed to the page that is not full', async () => {
    const { octokit, asked } = octokitWith(100, 100, 7);
    expect(await pages(octokit, 'GET /jobs', 'jobs')).toHaveLength(207);
    expect(asked).toEqual([1, 2, 3]);
  });

  it('should make a read once more that failed in passing, count both, and lose no page', async () => {
    const { octokit, asked } = octokitWith(100, failure(502), 7);
    let reads = 0;
    const found = await pages(octokit, 'GET /jobs', 'jobs', {}, () => void reads++);
    expect(found).toHaveLength(107);
    expect(asked).toEqual([1, 2, 2]);
    expect(reads).toBe(3);
  });

  it('should fail when it fails twice, and at once for a lasting failure', async () => {
    const twice = octokitWith(failure(502), failure(503), 7);
    await expect(pages(twice.octokit, 'GET /jobs', 'jobs')).rejects.toThrow('status 503');
    const refused = octokitWith(failure(403), 7);
    await expect(pages(refused.octokit, 'GET /jobs', 'jobs')).rejects.toThrow('status 403');
    expect(refused.asked).toHaveLength(1);
  });
});
