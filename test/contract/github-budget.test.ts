import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClock } from '../../local/world/clock.ts';
import { type Harness, HOUR_MS, INSTALLATIONS, job, refusal, startHarness } from './github-harness.ts';

const [ACME, MONA] = INSTALLATIONS;
const REPOSITORIES = 'GET /installation/repositories';

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness({ installations: [{ ...ACME, callsPerHour: 5 }, MONA] });
});
afterEach(() => harness.close());

describe('the hour of an installation', () => {
  it('should be as long as it is set, tell what is left, and refuse the call after the last', async () => {
    const octokit = harness.as();
    for (let left = 4; left >= 0; left -= 1) {
      const { headers } = await octokit.request(REPOSITORIES);
      expect(headers).toMatchObject({ 'x-ratelimit-limit': '5', 'x-ratelimit-remaining': `${left}` });
    }
    const refused = await refusal(octokit.request(REPOSITORIES));
    expect(refused).toMatchObject({
      status: 403,
      message: 'API rate limit exceeded for installation ID 501.',
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-resource': 'core' },
    });
    harness.clock.advance(HOUR_MS);
    expect((await harness.as().request(REPOSITORIES)).headers['x-ratelimit-remaining']).toBe('4');
  });

  it('should be its own: another installation has all of its', async () => {
    for (let call = 0; call < 5; call += 1) await harness.as().request(REPOSITORIES);
    const { headers } = await harness.as(502).request(REPOSITORIES);
    expect(headers).toMatchObject({ 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4999' });
  });
});

describe('the limit of calls at once', () => {
  it('should refuse the 101st call in flight, and tell with the refusal what is left of the hour', async () => {
    const slow = await startHarness({ clock: createClock(1) });
    const octokit = slow.as();
    await octokit.request(REPOSITORIES);
    slow.faults.setRate('github-latency', 1);
    const calls = Array.from({ length: 101 }, () => octokit.request('GET /repos/acme/shop/actions/runs'));
    const outcomes = await Promise.allSettled(calls);
    await slow.close();
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(refused).toEqual([
      expect.objectContaining({ status: 403, message: expect.stringContaining('secondary rate limit') }),
    ]);
    expect(refused[0].response.headers).toMatchObject({ 'retry-after': '60', 'x-ratelimit-limit': '5000' });
  });
});

describe('a conditional request', () => {
  const runs = (etag?: string, octokit = harness.as()) =>
    octokit.request('GET /repos/acme/shop/actions/runs', {
      headers: etag === undefined ? {} : { 'if-none-match': etag },
    });

  it('should be answered 304 while nothing has changed, and not count against the hour', async () => {
    const octokit = harness.as();
    const { headers } = await runs(undefined, octokit);
    expect(headers.etag).toMatch(/^"[0-9a-f]{64}"$/);
    const again = await refusal(runs(`"another", W/${headers.etag}`, octokit));
    expect(again).toMatchObject({
      status: 304,
      headers: { etag: headers.etag, 'x-ratelimit-used': '1', 'x-ratelimit-remaining': '4' },
    });
  });

  it('should have no body with its 304', async () => {
    const { token } = (await harness.as().auth({ type: 'installation' })) as { token: string };
    const ask = (more: Record<string, string> = {}) =>
      fetch(`${harness.github.url}/installation/repositories`, {
        headers: { authorization: `token ${token}`, ...more },
      });
    const etag = (await ask()).headers.get('etag') ?? '';
    const answer = await ask({ 'if-none-match': etag });
    expect([answer.status, await answer.text(), answer.headers.get('content-type')]).toEqual([304, '', null]);
  });

  it('should be answered in full once something has changed, and count', async () => {
    const octokit = harness.as();
    const { headers } = await runs(undefined, octokit);
    harness.github.queueRun({ repository: 'acme/shop', jobs: [job('a', 'x')] });
    const changed = await runs(headers.etag, octokit);
    expect(changed.data.total_count).toBe(1);
    expect(changed.headers['x-ratelimit-used']).toBe('2');
    expect(changed.headers.etag).not.toBe(headers.etag);
  });

  it('should be answered in full to another token: an ETag is the token’s that it was got with', async () => {
    const { headers } = await runs();
    expect((await runs(headers.etag, harness.as())).status).toBe(200);
  });

  it('should be refused like every other call when nothing is left of the hour', async () => {
    const octokit = harness.as();
    const { headers } = await runs(undefined, octokit);
    for (let call = 0; call < 4; call += 1) await octokit.request(REPOSITORIES);
    expect((await refusal(runs(headers.etag, octokit))).status).toBe(403);
  });
});
