import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APP_ID, appKey, type Harness, HOUR_MS, refusal, startHarness } from './github-harness.ts';
import { signJwt } from './github-listener.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const seconds = (ms: number) => Math.floor(ms / 1000);

async function askAsApp(claims: object, key: string = appKey.privateKeyPem, algorithm?: string) {
  const headers = { authorization: `Bearer ${signJwt(claims, key, algorithm)}` };
  const response = await fetch(`${harness.github.url}/app`, { headers });
  const body = (await response.json()) as { message?: string };
  return { status: response.status, message: body.message };
}

const claimsAt = (now: number, more: object = {}) => ({
  iss: APP_ID,
  iat: now - 60,
  exp: now + 540,
  ...more,
});

describe('the JWT of the App', () => {
  it('is accepted when it is fresh by the real clock or by the world clock', async () => {
    harness.clock.advance(5 * HOUR_MS);
    expect((await askAsApp(claimsAt(seconds(Date.now())))).status).toBe(200);
    expect((await askAsApp(claimsAt(seconds(harness.clock.nowMs())))).status).toBe(200);
  });

  it('is refused when it is fresh by neither clock', async () => {
    const between = seconds(Date.now() + 2 * HOUR_MS);
    expect(await askAsApp(claimsAt(between))).toMatchObject({ status: 401 });
  });

  it('is refused when it has expired', async () => {
    const now = seconds(harness.clock.nowMs());
    const answer = await askAsApp({ iss: APP_ID, iat: now - 700, exp: now - 100 });
    expect(answer.status).toBe(401);
    expect(answer.message).toContain("'Expiration time' claim ('exp') must be");
  });

  it('is refused when it lives for more than ten minutes', async () => {
    const now = seconds(harness.clock.nowMs());
    const answer = await askAsApp({ iss: APP_ID, iat: now, exp: now + 900 });
    expect(answer).toMatchObject({ status: 401, message: expect.stringContaining('too far in the future') });
  });

  it('is refused when it was issued in the future', async () => {
    const now = seconds(harness.clock.nowMs());
    const answer = await askAsApp({ iss: APP_ID, iat: now + 120, exp: now + 500 });
    expect(answer).toMatchObject({ status: 401, message: expect.stringContaining("'Issued at' claim") });
  });

  it('is refused when another key signed it', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = String(privateKey.export({ type: 'pkcs1', format: 'pem' }));
    const answer = await askAsApp(claimsAt(seconds(Date.now())), pem);
    expect(answer).toEqual({ status: 401, message: 'A JSON web token could not be decoded' });
  });

  it('is refused when it names another algorithm than RS256', async () => {
    const answer = await askAsApp(claimsAt(seconds(Date.now())), appKey.privateKeyPem, 'none');
    expect(answer.status).toBe(401);
  });

  it('is refused when it names another App', async () => {
    const answer = await askAsApp(claimsAt(seconds(Date.now()), { iss: 1 }));
    expect(answer).toEqual({ status: 404, message: 'Integration not found' });
  });

  it('is no credential for what belongs to an installation', async () => {
    const { token } = (await harness.app.auth({ type: 'app' })) as { token: string };
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${harness.github.url}/installation/repositories`, { headers });
    expect(response.status).toBe(401);
  });
});

describe('the token of an installation', () => {
  it('opens its own repositories', async () => {
    const { data } = await harness.as().request('GET /installation/repositories');
    expect(data.repositories.map(({ full_name }) => full_name)).toEqual(['acme/shop', 'acme/docs']);
  });

  it("does not show that another owner's repository exists", async () => {
    const call = harness.as(502).request('GET /repos/acme/shop/actions/runners');
    expect(await refusal(call)).toMatchObject({ status: 404, message: 'Not Found' });
  });

  it("does not open another organisation's runners", async () => {
    const call = harness.as(501).request('GET /orgs/{org}/actions/runners', { org: 'readers' });
    expect(await refusal(call)).toMatchObject({ status: 404, message: 'Not Found' });
  });

  it('can be restricted to some repositories, and then opens only these', async () => {
    const { data } = await harness.app.request('POST /app/installations/{installation_id}/access_tokens', {
      installation_id: 501,
      repositories: ['docs'],
    });
    const ask = (repository: string) =>
      fetch(`${harness.github.url}/repos/acme/${repository}/actions/runs`, {
        headers: { authorization: `token ${data.token}` },
      });
    expect((await ask('docs')).status).toBe(200);
    expect((await ask('shop')).status).toBe(404);
  });

  it('cannot be had for a repository that the installation does not hold', async () => {
    const call = harness.app.request('POST /app/installations/{installation_id}/access_tokens', {
      installation_id: 501,
      repositories: ['blog'],
    });
    expect(await refusal(call)).toMatchObject({ status: 422 });
  });

  it('cannot be had with more permissions than the installation has', async () => {
    const call = harness.app.request('POST /app/installations/{installation_id}/access_tokens', {
      installation_id: 503,
      permissions: { administration: 'write' },
    });
    expect(await refusal(call)).toMatchObject({
      status: 422,
      message: expect.stringContaining('permissions'),
    });
  });

  it('does not open what its permissions do not name', async () => {
    const call = harness.as(503).request('POST /repos/readers/books/actions/runners/generate-jitconfig', {
      name: 'r',
      runner_group_id: 1,
      labels: ['x'],
    });
    const refused = await refusal(call);
    expect(refused).toMatchObject({ status: 403, message: 'Resource not accessible by integration' });
    expect(refused.headers['x-accepted-github-permissions']).toBe('administration=write');
  });

  it('expires after one hour of world time', async () => {
    const { data } = await harness.app.request('POST /app/installations/{installation_id}/access_tokens', {
      installation_id: 501,
    });
    const headers = { authorization: `token ${data.token}` };
    const ask = () => fetch(`${harness.github.url}/installation/repositories`, { headers });
    harness.clock.advance(HOUR_MS - 1_000);
    expect((await ask()).status).toBe(200);
    harness.clock.advance(2_000);
    const answer = await ask();
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ message: 'Bad credentials', status: '401' });
  });

  it('is wanted: without one the answer is 401', async () => {
    const response = await fetch(`${harness.github.url}/installation/repositories`);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ message: 'Requires authentication' });
  });
});

describe('an installation', () => {
  it('is found by its organisation, its repository and its user', async () => {
    const organization = await harness.app.request('GET /orgs/{org}/installation', { org: 'ACME' });
    const repository = await harness.app.request('GET /repos/acme/docs/installation');
    const user = await harness.app.request('GET /users/{username}/installation', { username: 'mona' });
    expect([organization.data.id, repository.data.id, user.data.id]).toEqual([501, 501, 502]);
  });

  it.each(['/orgs/mona', '/users/acme', '/repos/acme/blog', '/app/installations/999', '/orgs/nobody'])(
    'is not found at %s',
    async (path) => {
      const route = path.startsWith('/app') ? path : `${path}/installation`;
      expect(await refusal(harness.app.request(`GET ${route}`))).toMatchObject({ status: 404 });
    },
  );

  it('is listed, page by page, with links to the other pages', async () => {
    const { data, headers } = await harness.app.request('GET /app/installations', { per_page: 2, page: 1 });
    expect(data.map(({ id }) => id)).toEqual([501, 502]);
    expect(headers.link).toContain('page=2>; rel="next"');
  });
});

describe('every answer', () => {
  it('carries a request id, the limits and the date of the world', async () => {
    const { headers } = await harness.as().request('GET /installation/repositories');
    expect(headers['x-github-request-id']).toMatch(/^[0-9A-F]{4}(:[0-9A-F]{6}){4}$/);
    expect(headers['x-ratelimit-limit']).toBe('5000');
    expect(Date.parse(headers.date ?? '')).toBe(seconds(harness.clock.nowMs()) * 1000);
  });

  it('is a JSON 404 for a path that GitHub does not have', async () => {
    const response = await fetch(`${harness.github.url}/nothing/here`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ message: 'Not Found', status: '404' });
  });
});
