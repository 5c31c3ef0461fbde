import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../local/github/api-error.ts';
import { RateLimiter } from '../../local/github/rate-limit.ts';
import {
  createMovableClock,
  type Harness,
  HOUR_MS,
  jitConfig,
  MINUTE_MS,
  refusal,
  startHarness,
} from './github-harness.ts';

const READ = { caller: 'installation ID 1', operation: 'actions/x', method: 'GET', scope: 'acme' };
const MINT = {
  caller: 'the app',
  operation: 'apps/create-installation-access-token',
  method: 'POST',
  scope: '',
};
const JIT = { ...READ, operation: 'actions/generate-runner-jitconfig-for-org', method: 'POST' };

function refused(action: () => unknown): ApiError {
  try {
    action();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('The call was to be refused, and was not');
}

describe('the limits', () => {
  let clock = createMovableClock();
  let limiter = new RateLimiter(clock);
  beforeEach(() => {
    clock = createMovableClock();
    limiter = new RateLimiter(clock);
  });
  const use = (charge: typeof READ, times: number) => {
    for (let time = 0; time < times; time += 1) limiter.admit(charge).release();
  };

  it('allow 180 JIT configs a minute, at the organisation and its repositories together', () => {
    use(JIT, 100);
    use({ ...JIT, operation: 'actions/generate-runner-jitconfig-for-repo' }, 80);
    const error = refused(() => limiter.admit(JIT));
    expect(error).toMatchObject({ status: 403, headers: { 'retry-after': '60' } });
    expect(error.message).toContain('You have exceeded a secondary rate limit');
    clock.advance(MINUTE_MS);
    expect(() => limiter.admit(JIT)).not.toThrow();
  });

  it('say after how many seconds there is room again', () => {
    use(JIT, 90);
    clock.advance(20_000);
    use(JIT, 90);
    expect(refused(() => limiter.admit(JIT)).headers['retry-after']).toBe('40');
  });

  it('allow 900 reads a minute of one endpoint, to each installation', () => {
    use(READ, 900);
    expect(refused(() => limiter.admit(READ)).status).toBe(403);
    expect(() => limiter.admit({ ...READ, operation: 'actions/y' })).not.toThrow();
    expect(() => limiter.admit({ ...READ, caller: 'installation ID 2' })).not.toThrow();
  });

  it('allow 5,000 calls an hour, then nothing until the hour is over', () => {
    for (let call = 0; call < 5_000; call += 1)
      limiter.admit({ ...READ, operation: `actions/${call % 10}` }).release();
    const error = refused(() => limiter.admit({ ...READ, operation: 'actions/new' }));
    expect(error.message).toBe('API rate limit exceeded for installation ID 1.');
    expect(error.headers).toMatchObject({ 'x-ratelimit-remaining': '0', 'x-ratelimit-limit': '5000' });
    expect(error.headers).not.toHaveProperty('retry-after');
    const resetMs = Number(error.headers['x-ratelimit-reset']) * 1000;
    expect(resetMs - clock.nowMs()).toBeLessThanOrEqual(HOUR_MS + 1_000);
    clock.advance(HOUR_MS);
    expect(() => limiter.admit(READ)).not.toThrow();
  });

  it('count JIT configs in a bucket of their own', () => {
    use(READ, 10);
    expect(limiter.admit(JIT).headers()).toMatchObject({
      'x-ratelimit-resource': 'actions_runner_registration',
      'x-ratelimit-used': '1',
    });
  });

  it('allow 100 calls at once', () => {
    const running = Array.from({ length: 100 }, () => limiter.admit(READ));
    expect(refused(() => limiter.admit(READ)).message).toContain('secondary rate limit');
    running[0]?.release();
    expect(() => limiter.admit(READ)).not.toThrow();
  });

  it('allow 2,000 tokens an hour', () => {
    for (let minted = 0; minted < 2_000; minted += 1) {
      if (minted % 150 === 0) clock.advance(MINUTE_MS);
      limiter.admit(MINT).release();
    }
    clock.advance(MINUTE_MS);
    expect(refused(() => limiter.admit(MINT)).headers).toHaveProperty('retry-after');
    clock.advance(HOUR_MS);
    expect(() => limiter.admit(MINT)).not.toThrow();
  });

  it('allow 1,500 registrations in five minutes in one scope', () => {
    for (let made = 0; made < 1_500; made += 1) limiter.admit({ ...JIT, caller: `c${made % 10}` }).release();
    expect(refused(() => limiter.admit({ ...JIT, caller: 'c11' })).status).toBe(403);
    expect(() => limiter.admit({ ...JIT, caller: 'c11', scope: 'other' })).not.toThrow();
  });
});

describe('over HTTP', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness();
  });
  afterEach(() => harness.close());
  const list = () => harness.as().request('GET /orgs/acme/actions/runners');
  const create = (name: string) => jitConfig(harness, name, ['x']);

  it('the 181st JIT config in a minute is refused, and registers nothing', async () => {
    const octokit = harness.as();
    const make = (index: number) =>
      octokit.request('POST /orgs/acme/actions/runners/generate-jitconfig', {
        name: `r${index}`,
        runner_group_id: 1,
        labels: ['x'],
      });
    await make(0);
    for (let from = 1; from < 180; from += 30) {
      await Promise.all(Array.from({ length: Math.min(30, 180 - from) }, (_, index) => make(from + index)));
    }
    const answer = await refusal(make(180));
    expect(answer).toMatchObject({ status: 403, message: expect.stringContaining('secondary rate limit') });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(harness.github.runners()).toHaveLength(180);
  });

  it('a 5xx does nothing', async () => {
    await list();
    harness.faults.next('github-5xx', 2);
    expect((await refusal(create('never-made'))).status).toBe(502);
    expect(harness.github.runners()).toEqual([]);
  });

  it('a lost answer has done its work', async () => {
    const octokit = harness.as();
    await octokit.request('GET /installation/repositories');
    harness.faults.next('github-lost-answer');
    const call = octokit.request('POST /orgs/acme/actions/runners/generate-jitconfig', {
      name: 'made',
      runner_group_id: 1,
      labels: ['x'],
    });
    const answer = await refusal(call);
    expect(answer.status).toBe(500);
    expect(answer.headers).toEqual({});
    expect(harness.github.runners().map(({ name }) => name)).toEqual(['made']);
  });

  it('the limits can be reached by a fault', async () => {
    const octokit = harness.as();
    await octokit.request('GET /installation/repositories');
    harness.faults.next('github-secondary-limit');
    const secondary = await refusal(octokit.request('GET /installation/repositories'));
    expect(secondary).toMatchObject({ status: 403, headers: { 'retry-after': '60' } });
    harness.faults.next('github-primary-limit');
    const primary = await refusal(octokit.request('GET /installation/repositories'));
    expect(primary).toMatchObject({ status: 403, headers: { 'x-ratelimit-remaining': '0' } });
    expect(primary.headers).not.toHaveProperty('retry-after');
  });

  it('a late answer is an answer', async () => {
    harness.faults.next('github-latency');
    expect((await list()).status).toBe(200);
    expect(harness.faults.struck.get('github-latency')).toBe(1);
  });

  it('every call is counted by its operation, refused ones too, and the broker’s are not', async () => {
    await create('one');
    await refusal(create('one'));
    expect(harness.ledger.counts()['github']).toEqual({
      'apps/create-installation-access-token': 2,
      'actions/generate-runner-jitconfig-for-org': 2,
    });
  });
});
