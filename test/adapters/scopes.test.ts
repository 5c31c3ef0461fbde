import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readImageVersions } from '../../functions/aws/image-versions.ts';
import { createGitHubApp, type GitHubApp } from '../../functions/github/app.ts';
import { readVersionEnd } from '../../functions/github/runner-version.ts';
import { listRepositories, listScopes } from '../../functions/github/scopes.ts';
import { readImageEnd } from '../../functions/stage/version-end.ts';
import { runnerImage } from '../../infra/derive.ts';
import { openWorld } from '../contract/aws-harness.ts';
import { APP_ID, appKey, type Harness, startHarness } from '../contract/github-harness.ts';
import { POLICY } from '../fixtures/policy.ts';

/** An App that three owners have installed: `acme`, which the policy names, and two others. */
let harness: Harness;
let app: GitHubApp;
beforeAll(async () => {
  harness = await startHarness();
  const credentials = { appId: String(APP_ID), privateKey: appKey.privateKeyPem };
  app = createGitHubApp({ ...credentials, apiUrl: harness.github.url });
});
afterAll(() => harness.close());

describe('what the sweep looks at', () => {
  it('should be nothing of an owner whom the policy does not name, even if others have installed the App', async () => {
    const scopes = await listScopes(app, POLICY);
    expect(scopes.items.map(({ scope }) => scope)).toEqual(['orgs/acme']);
    const repositories = await listRepositories(app, POLICY);
    expect(repositories.items.map(({ owner, name }) => `${owner}/${name}`)).toEqual([
      'acme/shop',
      'acme/docs',
    ]);
    const nobody = { ...POLICY, allow: { repositories: [], publicRepositories: [] } };
    const nothing = { items: [], errors: [], malformedRecords: 0 };
    expect([await listScopes(app, nobody), await listRepositories(app, nobody)]).toEqual([nothing, nothing]);
  });
});

describe('how long GitHub takes a runner', () => {
  const scope = {
    account: { owner: 'acme', ownerType: 'Organization', installationId: undefined },
    scope: 'orgs/acme',
  } as const;

  it('should not be known while no end is planned, and be the time that is planned', async () => {
    expect(await readVersionEnd(app, scope, '2.336.0')).toBeUndefined();
    harness.github.deprecateListener(true);
    expect(await readVersionEnd(app, scope, '2.336.0')).toBeCloseTo(Date.now(), -5);
  });

  it('should not be known of a server that does not tell', async () => {
    const other = { ...scope, scope: 'orgs/nobody' } as const;
    expect(await readVersionEnd(app, other, '2.336.0')).toBeUndefined();
  });

  it('should name the call that failed', async () => {
    harness.faults.setRate('github-5xx', 1);
    await expect(readVersionEnd(app, scope, '2.336.0')).rejects.toThrow(/runner version/);
    harness.faults.setRate('github-5xx', 0);
  });
});

describe('how long GitHub takes the runner in the image', () => {
  const end = (image: string | undefined, built: readonly string[] = []) =>
    readImageEnd({
      ...{ image, policy: POLICY, openGitHub: async () => app },
      readImageVersions: async () => built,
    });

  it('should be asked of the version in the tag, and of nothing where no tag tells one', async () => {
    harness.github.deprecateListener(true);
    expect(await end('ghcr.io/actions/actions-runner:2.336.0')).toBeCloseTo(Date.now(), -5);
    expect(await end('registry.example.com/runner:latest', ['2.336.0'])).toBeUndefined();
    expect(await end(undefined, ['2.336.0'])).toBeUndefined();
  });

  it('should be asked of what the pipeline built last, and not be known before its first build', async () => {
    harness.github.deprecateListener(true);
    expect(await end('pipeline', ['2.336.0', '2.340.1'])).toBeCloseTo(Date.now(), -5);
    expect(await end('pipeline')).toBeUndefined();
  });

  it('should know the pipeline by the name that the deployment gives it', () => {
    expect(runnerImage('pipeline')).toMatchObject({ name: 'pipeline', isPipeline: 'true' });
  });
});

describe('what the pipeline built last', () => {
  it('should be the version of each architecture, once, and none of what is not built yet', async () => {
    const { aws, ssm } = await openWorld();
    const read = () => readImageVersions(ssm, '/oneshot/test/github');
    expect(await read()).toEqual([]);
    const put = (name: string, value: string) =>
      aws.parameters.put(`/oneshot/test/image/${name}`, value, 'String');
    put('x64', '2.340.1');
    put('arm64', 'none');
    expect(await read()).toEqual(['2.340.1']);
    put('arm64', '2.340.1');
    expect(await read()).toEqual(['2.340.1']);
    put('arm64', '2.339.0');
    expect(await read()).toEqual(['2.340.1', '2.339.0']);
  });
});
