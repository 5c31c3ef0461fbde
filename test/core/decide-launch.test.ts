import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDelivery } from '../../functions/core/job/events.ts';
import type { Policy } from '../../functions/core/job/policy.ts';
import { decideLaunch, decideQueued } from '../../functions/core/plan/decide-launch.ts';
import { REASONS } from '../../functions/core/words/reasons.ts';
import { jobPayload, type PayloadChanges } from '../fixtures/deliveries.ts';
import { POLICY } from '../fixtures/policy.ts';
import { WEB } from '../fixtures/tasks.ts';

const decide = (changes: PayloadChanges, policy = POLICY) => {
  const delivery = readDelivery('workflow_job', jobPayload(changes));
  if (delivery.kind === 'malformed' || delivery.kind === 'jobless') throw new Error(delivery.problem);
  return decideLaunch(delivery, policy);
};

/** Payloads of the right outline, with anything at all in every place. */
const anyPayload = fc.oneof(
  fc.anything(),
  fc.record(
    {
      action: fc.oneof(fc.constant('queued'), fc.anything()),
      workflow_job: fc.oneof(
        fc.anything(),
        fc.record(
          {
            id: fc.oneof(fc.integer(), fc.anything()),
            run_id: fc.oneof(fc.integer(), fc.anything()),
            status: fc.oneof(fc.constant('queued'), fc.anything()),
            labels: fc.oneof(
              fc.array(
                fc.oneof(fc.string(), fc.constantFrom('fargate', 'fargate/cpu=4', 'x64', '__proto__')),
              ),
              fc.anything(),
            ),
            created_at: fc.anything(),
          },
          { requiredKeys: [] },
        ),
      ),
      repository: fc.oneof(
        fc.anything(),
        fc.record({
          id: fc.integer(),
          name: fc.string(),
          owner: fc.record({ login: fc.oneof(fc.constant('acme'), fc.string()) }),
          private: fc.anything(),
        }),
      ),
      installation: fc.anything(),
    },
    { requiredKeys: [] },
  ),
);

describe('decideLaunch', () => {
  it('should be total over any event and give a reason of the list for every no', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constant('workflow_job'), fc.string()), anyPayload, (name, payload) => {
        const delivery = readDelivery(name, payload);
        if (delivery.kind === 'malformed' || delivery.kind === 'jobless') return;
        const decision = decideLaunch(delivery, POLICY);
        if (decision.verdict !== 'launch') expect(REASONS).toHaveProperty([decision.reason]);
        else expect(decision.scope).toMatch(/^orgs\/[\w.-]+$|^repos\/[\w.-]+\/[\w.-]+$/);
      }),
      { numRuns: 2_000 },
    );
  });

  it('should launch for a queued job of an allowed repository, with exactly its labels', () => {
    expect(decide({ job: { labels: ['Self-Hosted', 'fargate/CPU=2', 'fargate/cpu=2'] } })).toMatchObject({
      verdict: 'launch',
      jobId: 31_415_926_535,
      scope: 'orgs/acme',
      repository: { installationId: 77 },
      labels: ['self-hosted', 'fargate/cpu=2'],
      given: { vcpu: 2, memoryGiB: 4 },
    });
  });

  it('should give the runner the mark of its label, so that no other run takes it', () => {
    const labels = ['self-hosted', 'fargate/cpu=2/run=4711'];
    expect(decide({ job: { labels } })).toMatchObject({ verdict: 'launch', labels });
  });

  it('should launch at the repository of a user, who has no organisation, in the default group', () => {
    const owner = { login: 'widgets', type: 'User' };
    const policy = { ...POLICY, runnerGroup: 5 };
    expect(decide({ repository: { name: 'shop', owner } }, policy)).toMatchObject({
      scope: 'repos/widgets/shop',
      runnerGroup: 1,
    });
    expect(decide({}, policy)).toMatchObject({ scope: 'orgs/acme', runnerGroup: 5 });
  });

  it.each<[string, PayloadChanges, string]>([
    ['waits for an approval', { job: { status: 'waiting' } }, 'waiting-for-approval'],
    ['waits for its concurrency group', { job: { status: 'pending' } }, 'waiting-for-concurrency-group'],
    ['runs already', { job: { status: 'in_progress' } }, 'already-started'],
    ['was cancelled early', { job: { status: 'completed' } }, 'already-completed'],
    ['is in another status', { job: { status: 'requested' } }, 'status-not-queued'],
    ['is in a status of no plain name', { job: { status: '__proto__' } }, 'status-not-queued'],
    ['is in progress', { action: 'in_progress' }, 'action-not-queued'],
    ['asks for another runner', { job: { labels: ['ubuntu-latest'] } }, 'label-not-ours'],
    [
      'is of a stranger',
      { repository: { owner: { login: 'evil', type: 'Organization' } } },
      'repository-not-allowed',
    ],
    [
      'is of a longer name',
      { repository: { owner: { login: 'widgets', type: 'User' }, name: 'shop2' } },
      'repository-not-allowed',
    ],
    ['is public', { repository: { private: false } }, 'public-repository-not-allowed'],
    [
      'does not say whether it is public',
      { repository: { private: undefined } },
      'public-repository-not-allowed',
    ],
  ])('should ignore a job that %s', (_, changes, reason) => {
    expect(decide(changes)).toMatchObject({ verdict: 'ignore', reason });
  });

  it('should launch for a public repository that is named, and serve nobody with an empty list', () => {
    expect(decide({ repository: { name: 'open', private: false } })).toMatchObject({ verdict: 'launch' });
    expect(decide({}, { ...POLICY, allow: { repositories: [], publicRepositories: [] } })).toMatchObject({
      reason: 'repository-not-allowed',
    });
  });

  describe('of a label of others', () => {
    const aliases = { dependabot: 'fargate/large', images: 'fargate/docker' };
    const policy = { ...POLICY, aliases, docker: { ...POLICY.docker, repositories: [] } };

    it('should launch a runner with that label, in the size that it means', () => {
      const job = { job: { labels: ['Dependabot'] } };
      expect(decide(job, policy)).toMatchObject({
        ...{ verdict: 'launch', labels: ['dependabot'], given: { vcpu: 4 } },
      });
    });

    it('should start no runner that fails its job: it could be given one of somebody else', () => {
      const job = { job: { labels: ['images'] } };
      expect(decide(job, policy)).toMatchObject({ verdict: 'unservable', reason: 'docker-not-allowed' });
    });
  });

  describe('of a job with Docker', () => {
    const docker = (repositories: string[], changes: PayloadChanges = {}, rest: Partial<Policy> = {}) =>
      decide(
        { job: { labels: ['fargate/docker'] }, ...changes },
        { ...POLICY, ...rest, docker: { ...POLICY.docker, repositories } },
      );
    const isPublic = { repository: { name: 'open', private: false } };

    it.each([
      ['by its owner', ['acme/*'], {}],
      ['by its name', ['acme/web'], {}],
      ['by its name, and is public', ['acme/open'], isPublic],
    ])(
      'should launch it with Docker where docker.repositories has the repository %s',
      (_, names, changes) => {
        expect(docker(names, changes)).toMatchObject({ verdict: 'launch', given: { provider: 'docker' } });
      },
    );

    it('should fail it with the reason where no repository has Docker', () => {
      const given = { verdict: 'launch', given: { provider: 'fargate' } };
      expect(docker([])).toMatchObject({ ...given, rejection: { reason: 'docker-not-allowed' } });
    });

    it.each([
      ['another is named', ['acme/api'], {}],
      ['it is public and only its owner is named', ['acme/*'], isPublic],
    ])('should start nothing for it where %s: that runner could fail another’s job', (_, names, changes) => {
      expect(docker(names, changes)).toMatchObject({ verdict: 'unservable', reason: 'docker-not-allowed' });
    });

    it('should fail it with the reason where a runner is its repository’s alone', () => {
      const decision = docker(['acme/api'], {}, { scope: 'repository' });
      expect(decision).toMatchObject({ verdict: 'launch', rejection: { reason: 'docker-not-allowed' } });
    });
  });

  it('should launch without an installation, which a repository webhook does not name', () => {
    expect(decide({ installation: undefined })).toMatchObject({
      verdict: 'launch',
      repository: { installationId: undefined },
    });
  });
});

describe('readDelivery', () => {
  it('should name every field that is wrong', () => {
    const payload = jobPayload({ job: { id: '1', labels: 'fargate' }, repository: { name: '../../etc' } });
    expect(readDelivery('workflow_job', payload)).toMatchObject({
      kind: 'malformed',
      problem: expect.stringMatching(/workflow_job\.id, workflow_job\.labels, repository\.name$/),
    });
  });

  it.each([
    [
      [
        { name: 'Set up job', conclusion: 'success' },
        { name: 'Test', conclusion: 'failure' },
      ],
      'Test',
    ],
    [
      [
        { name: 'Test', conclusion: 'failure' },
        { name: 'Report', conclusion: 'failure' },
      ],
      'Test',
    ],
    [[{ name: 'Test', conclusion: 'success' }], undefined],
    [[null, 7, { name: 'x'.repeat(300), conclusion: 'failure' }], 'x'.repeat(200)],
    [undefined, undefined],
  ])('should know the first step that failed: %j', (steps, failedStep) => {
    const delivery = readDelivery('workflow_job', jobPayload({ action: 'completed', job: { steps } }));
    expect(delivery.kind === 'job' && delivery.event.failedStep).toBe(failedStep);
  });

  it('should keep whose delivery it is where only the job cannot be read', () => {
    const payload = { ...jobPayload(), workflow_job: null };
    expect(readDelivery('workflow_job', payload)).toMatchObject({
      kind: 'jobless',
      problem: expect.stringMatching(/workflow_job\.id, .*workflow_job\.labels$/),
      repository: { owner: 'acme', name: 'web', isPublic: false, installationId: 77 },
    });
  });

  it('should know a ping and an event that is not handled', () => {
    expect(readDelivery('ping', {})).toEqual({ kind: 'ping' });
    expect(readDelivery('push', undefined)).toEqual({ kind: 'other', event: 'push' });
  });
});

describe('a later attempt (rule 26)', () => {
  const policy: Policy = { ...POLICY, spot: { ...POLICY.spot, fallback: 'on-demand-after-interruption' } };
  const providerOf = (runAttempt: number | undefined, labels: readonly string[], by = policy) => {
    const decision = decideQueued({ jobId: 1, runId: 2, labels, repository: WEB, runAttempt }, by);
    return decision.verdict === 'launch' ? decision.given.provider : undefined;
  };

  it('should run on demand where runners.yml says so, and the first on Spot', () => {
    expect(providerOf(1, ['fargate/spot'])).toBe('fargate-spot');
    expect(providerOf(undefined, ['fargate/spot'])).toBe('fargate-spot');
    expect(providerOf(2, ['fargate/spot'])).toBe('fargate');
    expect(providerOf(2, ['fargate/docker'])).toBe('docker');
  });

  it('should run on Spot otherwise', () => {
    expect(providerOf(2, ['fargate/spot'], POLICY)).toBe('fargate-spot');
  });
});
