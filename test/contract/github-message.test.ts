import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressesOf, type ServiceAddresses } from '../../local/github/service/addresses.ts';
import { contextData } from '../../local/github/service/context-data.ts';
import type { JobDefinition } from '../../local/github/service/definition.ts';
import { jobMessage } from '../../local/github/service/message.ts';
import { JobTokens } from '../../local/github/service/tokens.ts';
import { type Harness, HOUR_MS, job, MINUTE_MS, startHarness } from './github-harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(() => harness.close());

const record = (more: { result?: 'failure'; definition?: JobDefinition } = {}) => {
  const request = { ...job('build (a, 1)', 'x'), ...more };
  const [id = 0] = harness.github.queueRun({ repository: 'acme/shop', jobs: [request] });
  const found = harness.github.actions.jobs.get(id);
  if (found === undefined) throw new Error('no job');
  return found;
};
const messageOf = (of: ReturnType<typeof record>, more: Partial<ServiceAddresses> = {}) =>
  jobMessage(of, {
    addresses: { ...addressesOf('http://127.0.0.1:1', 'tenant'), ...more },
    accessToken: 'a.b.c',
    repositoryToken: 'ghs_x',
    speed: 100,
  });

describe('a job’s message', () => {
  it('has what a worker needs, and what a job of the world is: a pause, by the worker’s clock', () => {
    const made = record();
    expect(messageOf(made)).toMatchObject({
      messageType: 'RunnerJobRequest',
      plan: { planId: made.planGuid },
      jobId: made.guid,
      jobDisplayName: 'build (a, 1)',
      jobName: 'build-a-1-',
      resources: {
        endpoints: [
          {
            name: 'SystemVssConnection',
            url: 'http://127.0.0.1:1/run/',
            authorization: { scheme: 'OAuth', parameters: { AccessToken: 'a.b.c' } },
            data: {},
          },
        ],
      },
      variables: {
        'system.github.token': { value: 'ghs_x', isSecret: true },
        github_token: { value: 'ghs_x', isSecret: true },
        'DistributedTask.AllowRunnerContainerHooks': { value: 'true' },
      },
      steps: [
        {
          type: 'action',
          contextName: '__run',
          condition: 'success()',
          reference: { type: 'script' },
          inputs: { type: 2, map: [{ Key: 'script', Value: 'sleep 0.3' }] },
        },
      ],
    });
  });

  it('of a job that is to fail has a step that fails', () => {
    const scripts = messageOf(record({ result: 'failure' })).steps.map(({ contextName, inputs }) => [
      contextName,
      inputs,
    ]);
    expect(scripts[1]).toEqual(['__run_2', { type: 2, map: [{ Key: 'script', Value: 'exit 1' }] }]);
  });

  it('carries what a workflow says of the job, and no member without a value', () => {
    const definition: JobDefinition = {
      key: 'build',
      steps: [
        {
          id: 'sources',
          name: 'Get them',
          condition: 'always()',
          reference: {
            type: 'repository',
            repositoryType: 'GitHub',
            name: 'actions/checkout',
            ref: 'v4',
            path: '',
          },
          continueOnError: true,
        },
      ],
      container: 'node:24',
      outputs: { type: 2, map: [] },
      github: { ref: 'refs/heads/next' },
      contexts: { matrix: { os: ['a', 1] }, strategy: null },
      secrets: { KEY: 'secret' },
    };
    const message = messageOf(record({ definition }));
    expect(message).toMatchObject({
      jobName: 'build',
      jobContainer: 'node:24',
      jobOutputs: { type: 2, map: [] },
      variables: { KEY: { value: 'secret', isSecret: true } },
      contextData: { matrix: { t: 2, d: [{ k: 'os', v: { t: 1, a: ['a', 1] } }] }, strategy: null },
      steps: [{ name: 'sources', displayNameToken: 'Get them', continueOnError: true }],
    });
    expect(Object.keys(message)).not.toContain('jobServiceContainers');
    expect(message.contextData['github']).toMatchObject({
      d: expect.arrayContaining([
        { k: 'ref', v: 'refs/heads/next' },
        { k: 'job', v: 'build' },
        { k: 'repository', v: 'acme/shop' },
        { k: 'server_url', v: 'http://127.0.0.1:1' },
      ]),
    });
  });

  it('names the services that there are', () => {
    const { variables, resources } = messageOf(record());
    const results = 'http://127.0.0.1:1/_services/results/';
    expect(variables['system.github.results_endpoint']).toEqual({ value: results });
    expect(variables['system.github.launch_endpoint']).toEqual({ value: 'http://127.0.0.1:1/' });
    expect(resources.endpoints[0].data).toEqual({
      ResultsServiceUrl: results,
      FeedStreamUrl: 'ws://127.0.0.1:1/_services/feed',
    });
    const cache = 'http://127.0.0.1:1/cache/';
    expect(messageOf(record(), { cache }).resources.endpoints[0].data).toMatchObject({
      CacheServerUrl: cache,
    });
  });

  it('has all contexts, without which the worker would not expand an action’s inputs', () => {
    const { contextData: bare } = messageOf(record());
    expect(Object.keys(bare).sort()).toEqual(['github', 'inputs', 'matrix', 'needs', 'strategy', 'vars']);
    expect(bare).toMatchObject({ matrix: null, needs: { t: 2, d: [] } });
    const matrix = { os: 'linux' };
    const definition = { key: 'a', steps: [], contexts: { matrix } };
    expect(messageOf(record({ definition })).contextData['matrix']).toEqual(contextData(matrix));
  });

  it('has context data in the runner’s form', () => {
    expect(contextData({ a: [null, true, { b: '' }] })).toEqual({
      t: 2,
      d: [{ k: 'a', v: { t: 1, a: [null, true, { t: 2, d: [{ k: 'b', v: '' }] }] } }],
    });
  });
});

describe('a job’s tokens', () => {
  const setUp = () => {
    const { actions } = harness.github;
    const made = record();
    return { tokens: new JobTokens(harness.clock, actions.jobs), made, actions };
  };

  it('are a job’s while it runs, and a moment longer', () => {
    const { tokens, made, actions } = setUp();
    const header = `Bearer ${tokens.issue(made)}`;
    expect(tokens.jobOf(header)).toBeUndefined();
    actions.startHosted(made, 1);
    expect(tokens.jobOf(header)).toBe(made);
    expect(tokens.jobOfRepositoryToken(tokens.repositoryToken(made))).toBe(made);
    actions.finish(made, 'success');
    expect(tokens.jobOf(header)).toBe(made);
    harness.clock.advance(MINUTE_MS + 1);
    expect(tokens.jobOf(header)).toBeUndefined();
    expect(tokens.jobOfRepositoryToken(tokens.repositoryToken(made))).toBeUndefined();
  });

  it('are of this world, whole, and not for ever', () => {
    const { tokens, made, actions } = setUp();
    actions.startHosted(made, 1);
    const token = tokens.issue(made);
    const [head, claims, signature] = token.split('.');
    const forged = Buffer.from(JSON.stringify({ sub: String(made.id), exp: 9e9 })).toString('base64url');
    const foreign = new JobTokens(harness.clock, actions.jobs).issue(made);
    for (const bad of [foreign, `${head}.${forged}.${signature}`, `${head}.${claims}.`, 'x', ''])
      expect(tokens.jobOf(`Bearer ${bad}`)).toBeUndefined();
    expect(tokens.jobOf(undefined)).toBeUndefined();
    harness.clock.advance(7 * 24 * HOUR_MS);
    expect(tokens.jobOf(`Bearer ${token}`)).toBeUndefined();
  });
});
