import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Asked, type FakeGitHub, startFakeGitHub } from './fake-github.ts';

const ACCOUNT = { owner: 'acme', ownerType: 'Organization', installationId: 7 } as const;
const MINUTE_MS = 60_000;

let github: FakeGitHub;
beforeEach(async () => {
  // auth-app waits for a young token to become valid: a test makes it old by moving the clock.
  vi.useFakeTimers({ toFake: ['Date'] });
  github = await startFakeGitHub();
});
afterEach(() => {
  vi.useRealTimers();
  github.close();
});

const pass = () => vi.setSystemTime(Date.now() + MINUTE_MS);
const call = (
  account: typeof ACCOUNT | { owner: string; ownerType: 'User'; installationId: undefined } = ACCOUNT,
) => github.app.asInstallation(account, (octokit) => octokit.request('POST /thing'));
const refused = { status: 401, body: { message: 'Bad credentials' } };
const good = { status: 200, body: {} };
const tokens = () => github.asked.map(({ token }) => token);

/** Answers everything but what was asked with one of these tokens. */
const refusing =
  (...revoked: string[]) =>
  ({ token }: Asked) => {
    if (!revoked.includes(token)) return good;
    pass();
    return refused;
  };

describe('a token that is revoked within its hour', () => {
  it('should be minted again once, and the call be made once more', async () => {
    github.answer = () => good;
    await call();
    pass();
    github.answer = refusing('ghs_7_1');
    await call();
    await call();
    expect(github.minted).toEqual([7, 7]);
    expect(tokens()).toEqual(['ghs_7_1', 'ghs_7_1', 'ghs_7_2', 'ghs_7_2']);
  });

  it('should be given up after a second refusal', async () => {
    github.answer = () => good;
    await call();
    pass();
    github.answer = refusing('ghs_7_1', 'ghs_7_2');
    await expect(call()).rejects.toMatchObject({ status: 401 });
    expect(github.minted).toEqual([7, 7]);
  });

  it('should be minted once for all calls that are refused at once', async () => {
    github.answer = () => good;
    await call();
    pass();
    github.answer = refusing('ghs_7_1');
    await Promise.all(Array.from({ length: 5 }, () => call()));
    expect(github.minted).toEqual([7, 7]);
    expect(tokens().filter((token) => token === 'ghs_7_2')).toHaveLength(5);
  });

  it('should not be minted again where GitHub refuses the App itself', async () => {
    github.mint = () => refused;
    await expect(call()).rejects.toMatchObject({ status: 401 });
    expect(github.minted).toEqual([7]);
  });
});

describe('an App that was installed again', () => {
  const gone = { status: 404, body: { message: 'Not Found' } };
  let installedAs: number;
  beforeEach(() => {
    github.mint = (id) => (id === installedAs ? undefined : gone);
    github.answer = ({ path }) => (path === '/orgs/acme/installation' ? { body: { id: installedAs } } : good);
  });
  const lookUps = () => github.asked.filter(({ path }) => path.endsWith('/installation')).length;

  it('should be found where the payload has the wrong id', async () => {
    installedAs = 8;
    await call();
    await call();
    expect(github.minted).toEqual([7, 8]);
    expect(lookUps()).toBe(1);
  });

  it('should be found again by a process that looked it up before', async () => {
    installedAs = 8;
    await call();
    installedAs = 9;
    pass();
    const answer = github.answer;
    github.answer = (asked) => (asked.token.startsWith('ghs_8_') ? refused : answer(asked));
    await call();
    await call();
    expect(github.minted).toEqual([7, 8, 8, 9]);
    expect(lookUps()).toBe(2);
  });

  it('should be looked up once for a call, and no more where it is gone', async () => {
    installedAs = 0;
    github.answer = ({ path }) => (path === '/orgs/acme/installation' ? { body: { id: 12 } } : good);
    await expect(call()).rejects.toMatchObject({ status: 404 });
    expect(github.minted).toEqual([7, 12]);
    expect(lookUps()).toBe(1);
  });

  it('should be told as it is where it is suspended', async () => {
    const message = 'This installation has been suspended';
    github.mint = () => ({ status: 403, body: { message } });
    await expect(call()).rejects.toThrow(message);
    expect(github.minted).toEqual([7]);
    expect(lookUps()).toBe(0);
  });
});

describe('what is left of an hour of calls', () => {
  const HOUR_ENDS_S = 2_000_000_000;
  const rate = (remaining: number, resource = 'core', reset = HOUR_ENDS_S) => ({
    'x-ratelimit-resource': resource,
    'x-ratelimit-limit': '5000',
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(reset),
  });
  const other = { owner: 'umbrella', ownerType: 'User', installationId: undefined } as const;
  const left = (account: Parameters<FakeGitHub['app']['budgetOf']>[0]) =>
    github.app.budgetOf(account)?.remaining;

  it('should be told for each installation by itself', async () => {
    expect(github.app.budgetOf(ACCOUNT)).toBeUndefined();
    github.answer = ({ path, token }) =>
      path === '/users/umbrella/installation'
        ? { body: { id: 70 } }
        : { headers: rate(token.startsWith('ghs_70_') ? 40 : 4_000) };
    await call();
    await call(other);
    expect(github.app.budgetOf(ACCOUNT)).toEqual({
      limit: 5_000,
      remaining: 4_000,
      resetsAtMs: HOUR_ENDS_S * 1000,
    });
    expect(left(other)).toBe(40);
    expect(github.app.rateLimitRemaining(Date.now())).toBe(40);
    expect(github.app.rateLimitRemaining(HOUR_ENDS_S * 1000)).toBeUndefined();
  });

  it('should be told by refusals and by what is not modified too', async () => {
    github.answer = () => ({ status: 403, headers: rate(0), body: { message: 'API rate limit exceeded' } });
    await call().catch(() => undefined);
    expect(left(ACCOUNT)).toBe(0);
    github.answer = () => ({ status: 304, headers: rate(4_321, 'core', HOUR_ENDS_S + 3_600) });
    await call().catch(() => undefined);
    expect(left(ACCOUNT)).toBe(4_321);
  });

  it('should not be told by runner registrations, which have an hour of their own, nor by the App’s own calls', async () => {
    github.mint = () => ({
      status: 201,
      headers: rate(3),
      body: { token: 'ghs_7_x', expires_at: '2099-01-01T00:00:00Z', permissions: {} },
    });
    github.answer = () => ({ headers: rate(9, 'actions_runner_registration') });
    await call();
    expect(github.app.budgetOf(ACCOUNT)).toBeUndefined();
  });

  it('should be the lower of two answers of one hour, whichever comes first', async () => {
    for (const remaining of [10, 12]) {
      github.answer = () => ({ headers: rate(remaining) });
      await call();
    }
    expect(left(ACCOUNT)).toBe(10);
  });
});
