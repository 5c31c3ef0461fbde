import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../cli/commands/doctor.ts';
import { diagnose } from '../../cli/doctor/checks.ts';
import type { AppFact, Facts, Read } from '../../cli/doctor/facts.ts';
import type { DeliveryFact } from '../../functions/core/ports.ts';
import { POLICY } from '../fixtures/policy.ts';

const NOW_MS = Date.UTC(2026, 10, 23);
const MINUTE_MS = 60_000;
const read = <T>(value: T): Read<T> => ({ kind: 'read', value });
const failed = (problem: string): { readonly kind: 'failed'; readonly problem: string } => ({
  kind: 'failed',
  problem,
});

const WEBHOOK = 'https://abc.execute-api.eu-central-1.amazonaws.com/webhook';
const APP: AppFact = {
  ...{ slug: 'acme-oneshot', owner: 'acme', events: ['workflow_job'], clockSkewMs: 300 },
  permissions: { organization_self_hosted_runners: 'write', actions: 'read', metadata: 'read' },
};
const delivery = (statusCode: number): DeliveryFact => ({
  ...{
    id: '1',
    guid: 'g',
    deliveredAtMs: NOW_MS,
    isRedelivery: false,
    event: 'workflow_job',
    action: 'queued',
  },
  statusCode,
});
const HEALTHY: Facts = {
  ...{ nowMs: NOW_MS, webhookUrl: WEBHOOK, parameterPath: '/oneshot/dev/github', privateKey: 'sound' },
  policy: read({
    ...POLICY,
    scope: 'organization',
    allow: { repositories: ['acme/web'], publicRepositories: [] },
  }),
  parameters: read(new Set(['app-id', 'private-key', 'webhook-secret'])),
  app: read(APP),
  hook: read({ url: WEBHOOK, contentType: 'json', hasSecret: true }),
  installations: read([{ account: 'acme', isSuspended: false, repositories: ['acme/web', 'acme/api'] }]),
  runnerGroup: read('Default of acme'),
  webhookAnswer: read({ status: 401, message: 'no signature' }),
  deliveries: read([delivery(202)]),
  cluster: read({ status: 'ACTIVE', providers: ['FARGATE', 'FARGATE_SPOT'] }),
  doubts: read({ waiting: 0, dead: 0 }),
  sweep: read({ lastAtMs: NOW_MS - 40_000, lastErrors: [] }),
  ...{ refusals: new Map(), endings: new Map([['ran-succeeded', 3]]), stoppedReasons: [], errors: [] },
  ...{ waitingJobs: [], vcpuQuota: read(256) },
};

/** One thing broken at a time; which link is the first that the doctor calls broken, and what its fix names. */
const FAULTS: readonly [what: string, changes: Partial<Facts>, first: string, fix: RegExp][] = [
  [
    'runners.yml serves nobody',
    { policy: read({ ...POLICY, allow: { repositories: [], publicRepositories: [] } }) },
    'policy',
    /owner\/name/,
  ],
  [
    'runners.yml cannot be read',
    { policy: failed('there is no runners.yml here') },
    'policy',
    /runners\.yml/,
  ],
  [
    'a parameter is missing',
    { parameters: read(new Set(['app-id', 'private-key'])) },
    'parameters',
    /oneshot setup/,
  ],
  [
    'no parameter can be read',
    { parameters: failed('AccessDeniedException') },
    'parameters',
    /ssm:GetParameters/,
  ],
  ['the private key is cut off', { privateKey: 'unreadable' }, 'private-key', /\.pem/],
  [
    'the key is of another App',
    { app: failed('A JSON web token could not be decoded') },
    'app',
    /of one App/,
  ],
  ['this clock is off', { app: read({ ...APP, clockSkewMs: 5 * MINUTE_MS }) }, 'clock', /clock/],
  [
    'a permission is missing',
    { app: read({ ...APP, permissions: { actions: 'read' } }) },
    'permissions',
    /Permissions/,
  ],
  [
    'a permission is too low',
    { app: read({ ...APP, permissions: { ...APP.permissions, organization_self_hosted_runners: 'read' } }) },
    'permissions',
    /accept it/,
  ],
  ['the App gets no workflow_job', { app: read({ ...APP, events: ['push'] }) }, 'events', /Workflow job/],
  ['the App is installed nowhere', { installations: read([]) }, 'installation', /Install App/],
  [
    'the installation is suspended',
    { installations: read([{ account: 'acme', isSuspended: true, repositories: [] }]) },
    'installation',
    /unsuspend/,
  ],
  [
    'the App does not see the repository',
    { installations: read([{ account: 'acme', isSuspended: false, repositories: ['acme/other'] }]) },
    'repositories',
    /Repository access/,
  ],
  ['the runner group is gone', { runnerGroup: failed('Not Found') }, 'runner-group', /runnerGroupId/],
  [
    'the webhook goes elsewhere',
    { hook: read({ url: 'https://old.example.com', contentType: 'json', hasSecret: true }) },
    'hook',
    /abc\.execute-api/,
  ],
  [
    'the webhook sends forms',
    { hook: read({ url: WEBHOOK, contentType: 'form', hasSecret: true }) },
    'hook',
    /application\/json/,
  ],
  [
    'the webhook has no secret',
    { hook: read({ url: WEBHOOK, contentType: 'json', hasSecret: false }) },
    'hook',
    /secret/,
  ],
  [
    'the function has no parameters',
    { webhookAnswer: read({ status: 503, message: 'parameter is missing' }) },
    'webhook',
    /message/,
  ],
  ['the API is gone', { webhookAnswer: failed('getaddrinfo ENOTFOUND') }, 'webhook', /deployed/],
  ['the secrets differ', { deliveries: read([delivery(401), delivery(202)]) }, 'deliveries', /differ/],
  ['deliveries fail', { deliveries: read([delivery(502)]) }, 'deliveries', /Advanced/],
  ['no delivery comes', { deliveries: read([]) }, 'deliveries', /active/],
  ['the cluster is gone', { cluster: failed('there is no cluster') }, 'cluster', /deploy/],
  [
    'a capacity provider is gone',
    { cluster: read({ status: 'ACTIVE', providers: ['FARGATE'] }) },
    'cluster',
    /removal/,
  ],
  ['Fargate has no room', { vcpuQuota: read(6) }, 'quota', /Service Quotas/],
  [
    'launches hit the quota',
    { refusals: new Map([['vcpu-quota', 'limit on the number of vCPUs']]) },
    'launches',
    /Service Quotas/,
  ],
  [
    'launches are not permitted',
    {
      refusals: new Map([
        ['throttled', 'x'],
        ['not-permitted', 'iam:PassRole'],
      ]),
    },
    'launches',
    /role/,
  ],
  [
    'the image cannot be pulled',
    { stoppedReasons: ['CannotPullContainerError: not found'] },
    'image',
    /way out/,
  ],
  [
    'a log group is missing',
    { stoppedReasons: ['ResourceInitializationError: log group'] },
    'image',
    /log group/,
  ],
  ['the runner is too old', { endings: new Map([['version-deprecated', 1]]) }, 'runners', /newer image/],
  ['the config cannot be unsealed', { endings: new Map([['config-not-unsealed', 2]]) }, 'runners', /KMS/],
  ['runners do not reach GitHub', { endings: new Map([['never-connected', 2]]) }, 'runners', /egress/],
  [
    'the sweep does not run',
    { sweep: read({ lastAtMs: NOW_MS - 20 * MINUTE_MS, lastErrors: [] }) },
    'sweep',
    /schedule/,
  ],
  [
    'the sweep fails',
    { sweep: read({ lastAtMs: NOW_MS - 1000, lastErrors: ['ecs is down'] }) },
    'sweep',
    /mend/,
  ],
  ['letters are dead', { doubts: read({ waiting: 0, dead: 2 }) }, 'queue', /dlq list/],
  ['functions write errors', { errors: ['webhook: boom'] }, 'errors', /saved query/],
  ['a job waits', { waitingJobs: [{ jobId: 7, queuedAtMs: NOW_MS - 30 * MINUTE_MS }] }, 'jobs', /--job 7/],
];

describe('the doctor', () => {
  it('should find nothing wrong with what is well', () => {
    const kinds = diagnose(CHECKS, HEALTHY).map(({ id, verdict }) => [id, verdict.kind]);
    expect(kinds).toEqual(CHECKS.map(({ id }) => [id, 'ok']));
  });

  it.each(FAULTS)('should name first what is broken, and how to mend it: %s', (_, changes, first, fix) => {
    const findings = diagnose(CHECKS, { ...HEALTHY, ...changes });
    const found = findings.find(({ verdict }) => verdict.kind === 'fail' || verdict.kind === 'warn');
    expect(found?.id).toBe(first);
    expect(found?.verdict).toMatchObject({ fix: expect.stringMatching(fix) });
  });

  it('should not look at what hangs on a broken link', () => {
    const findings = diagnose(CHECKS, {
      ...HEALTHY,
      parameters: read(new Set<string>()),
      app: failed('no key'),
    });
    const skipped = findings.filter(({ verdict }) => verdict.kind === 'skip').map(({ id }) => id);
    expect(skipped).toEqual(
      expect.arrayContaining(['private-key', 'app', 'permissions', 'hook', 'deliveries']),
    );
    expect(findings.filter(({ verdict }) => verdict.kind === 'fail').map(({ id }) => id)).toEqual([
      'parameters',
    ]);
  });

  it('should hang each link on links before it', () => {
    const ids = CHECKS.map(({ id }) => id);
    for (const { id, needs } of CHECKS)
      for (const need of needs)
        expect(ids.indexOf(need), `${id} needs ${need}`).toBeLessThan(ids.indexOf(id));
    expect(new Set(ids).size).toBe(ids.length);
    for (const need of CHECKS.flatMap(({ needs }) => needs)) expect(ids).toContain(need);
  });
});
