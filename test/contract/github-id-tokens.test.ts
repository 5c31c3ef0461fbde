import { createRemoteJWKSet, decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jobMessage } from '../../local/github/service/message.ts';
import { type Harness, startHarness } from './github-harness.ts';
import { startWorker, type Worker } from './worker-harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(() => harness.close());

const GRANT = { permissions: { 'id-token': 'write' } } as const;

const ask = ({ addresses, token }: Worker, audience = '', bearer = token) =>
  fetch(`${addresses.idToken}${audience}`, { headers: { authorization: `Bearer ${bearer}` } });

/** As a cloud does it, which knows the issuer alone. */
async function verified(worker: Worker, audience: string, query = ''): Promise<JWTPayload> {
  const issuer = `${harness.github.url}/_services/token`;
  const configuration = (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as {
    issuer: string;
    jwks_uri: string;
    claims_supported: string[];
  };
  expect(configuration.issuer).toBe(issuer);
  const { value } = (await (await ask(worker, query)).json()) as { value: string };
  const keys = createRemoteJWKSet(new URL(configuration.jwks_uri));
  const { payload } = await jwtVerify(value, keys, { issuer, audience, algorithms: ['RS256'] });
  expect(Object.keys(payload).filter((name) => !configuration.claims_supported.includes(name))).toEqual([]);
  expect(decodeProtectedHeader(value)).toMatchObject({ typ: 'JWT', kid: expect.any(String) });
  return payload;
}

describe('an ID token', () => {
  it('should say what GitHub says of a job, to the audience that is asked for', async () => {
    const worker = startWorker(harness, { definition: GRANT });
    const { record } = worker;
    const claims = await verified(worker, 'sts.amazonaws.com', '&audience=sts.amazonaws.com');
    expect(claims).toMatchObject({
      sub: 'repo:acme/shop:ref:refs/heads/main',
      repository: 'acme/shop',
      repository_id: '31',
      repository_owner: 'acme',
      repository_owner_id: '9001',
      repository_visibility: 'private',
      ref: 'refs/heads/main',
      ref_type: 'branch',
      sha: record.run.headSha,
      run_id: String(record.runId),
      run_attempt: '1',
      event_name: 'push',
      workflow: 'CI',
      job_workflow_ref: 'acme/shop/.github/workflows/ci.yml@refs/heads/main',
      runner_environment: 'self-hosted',
    });
    const { exp = 0, iat = 0, nbf = 0 } = claims;
    expect([exp - iat, iat - nbf]).toEqual([300, 600]);
  });

  it('should be for the owner where no audience is said, and name the environment', async () => {
    const worker = startWorker(harness, { definition: GRANT, environment: 'prod:eu' });
    const claims = await verified(worker, `${harness.github.url}/acme`);
    expect(claims).toMatchObject({ sub: 'repo:acme/shop:environment:prod%3Aeu', environment: 'prod:eu' });
  });

  it('should say what the workflow’s run is of', async () => {
    const github = { ref: 'refs/pull/7/merge', event_name: 'pull_request', sha: 'a'.repeat(40) };
    const worker = startWorker(harness, { definition: { ...GRANT, github } });
    const claims = await verified(worker, `${harness.github.url}/acme`);
    expect(claims).toMatchObject({ sub: 'repo:acme/shop:pull_request', sha: 'a'.repeat(40) });
  });

  it('should be refused to a job that has no right to one, to others, and to a job that is over', async () => {
    const plain = startWorker(harness);
    const reads = startWorker(harness, { definition: { permissions: { 'id-token': 'read' } } });
    const granted = startWorker(harness, { definition: GRANT });
    expect((await ask(plain)).status).toBe(403);
    expect((await ask(reads)).status).toBe(403);
    expect((await ask(granted, '', 'h.p.s')).status).toBe(401);
    expect((await ask(granted)).status).toBe(200);
    harness.github.actions.finish(granted.record, 'success');
    expect((await ask(granted)).status).toBe(403);
  });

  it('should be named in the message of a job that has a right to one alone', () => {
    const named = ({ record, addresses, token: accessToken }: Worker) =>
      jobMessage(record, { addresses, accessToken, repositoryToken: 'ghs_x', speed: 1 }).resources
        .endpoints[0].data['GenerateIdTokenUrl'];
    expect(named(startWorker(harness))).toBeUndefined();
    expect(named(startWorker(harness, { definition: GRANT }))).toMatch(/idtoken\?api-version=2\.0$/);
  });
});
