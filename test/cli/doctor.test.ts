import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../cli/deployment.ts';
import {
  diagnose as diagnoseLinks,
  examine,
  link,
  looked,
  ok,
  type Read,
  tried,
} from '../../cli/doctor/link.ts';
import type { AppFact } from '../../cli/doctor/links/app.ts';
import { OFF } from '../../cli/doctor/links/docker.ts';
import { identity } from '../../cli/doctor/links/identity.ts';
import { LINKS as CHECKS, type Facts } from '../../cli/doctor/links/index.ts';
import type { InstallationFact } from '../../cli/doctor/links/installation.ts';
import type { NetworkFact } from '../../cli/doctor/links/network.ts';
import { readStop } from '../../functions/aws/ecs/stop-cause.ts';
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
  ...{ slug: 'acme-oneshot', path: '/apps/acme-oneshot', owner: 'acme', events: ['workflow_job'] },
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
    repositoryId: 1,
    installationId: 7,
  },
  statusCode,
});
const INSTALLATION: InstallationFact = {
  ...{ id: 1, account: 'acme', isOrganization: true, isSuspended: false, permissions: APP.permissions },
  repositories: [
    { id: 1, fullName: 'acme/web', isPublic: false },
    { id: 2, fullName: 'acme/api', isPublic: false },
  ],
};
const OPEN = { name: 'Default', allowsPublic: false, repositories: undefined };
const GROUP = { account: 'acme', asked: 1, found: OPEN } as const;
const NETWORK: NetworkFact = {
  ...{ assignsPublicIp: false, areFunctionsInside: false, hasProxy: false, closedGroups: [] },
  subnets: [{ subnetId: 'subnet-a', wayOut: 'nat' }],
};
const FUNCTION = { state: 'Active', lastUpdate: 'Successful', isClosed: false };
const FUNCTIONS = ['webhook', 'reconcile', 'settle', 'sweep'].map((name) => ({ name, ...FUNCTION }));
const SERVING = {
  scope: 'organization',
  allow: { repositories: ['acme/web'], publicRepositories: [] },
} as const;
const HEALTHY: Facts = {
  ...{
    nowMs: NOW_MS,
    region: 'eu-central-1',
    webhookUrl: WEBHOOK,
    parameterPath: '/oneshot/dev/github',
    privateKey: 'sound',
  },
  identity: read({ arn: 'arn:aws:iam::1:user/ops', region: 'eu-central-1' }),
  stack: read({ status: 'UPDATE_COMPLETE', reason: undefined }),
  functions: read(FUNCTIONS),
  eventSource: read('Enabled'),
  concurrency: read(1000),
  vcpuQuotas: read({ onDemand: 256, spot: 256 }),
  hasParameterThroughput: read(false),
  denied: read([]),
  policy: read({
    ...POLICY,
    ...SERVING,
    docker: { ...POLICY.docker, repositories: [] },
  }),
  parameters: read(new Set(['app-id', 'private-key', 'webhook-secret'])),
  clockSkewMs: read(300),
  app: read(APP),
  hook: read({ url: WEBHOOK, contentType: 'json', hasSecret: true }),
  installations: read([INSTALLATION]),
  renamed: read([]),
  runnerGroups: read([GROUP]),
  webhookAnswer: read({ status: 401, message: 'no signature' }),
  signedAnswer: read({ status: 200, message: 'ping' }),
  deliveries: read([delivery(202)]),
  cluster: read({ status: 'ACTIVE', providers: ['FARGATE', 'FARGATE_SPOT'] }),
  ...{ dockerCapacity: read(OFF), dockerRole: read(OFF), dockerVcpus: read(OFF) },
  images: read([{ name: 'ghcr.io/actions/actions-runner:2.336.0', isThere: true }]),
  runnerVersion: read({ version: '2.336.0', endsAtMs: undefined }),
  network: read(NETWORK),
  doubts: read({ waiting: 0, dead: 0 }),
  sweep: read({ lastAtMs: NOW_MS - 40_000, lastErrors: [] }),
  ...{ refusals: new Map(), endings: new Map([['ran-succeeded', 3]]), stops: [], errors: [] },
  waitingJobs: [],
};

const diagnose = (facts: Facts) => diagnoseLinks(CHECKS, (one) => one.judge(facts));

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
  ['GitHub is out of reach', { clockSkewMs: failed('fetch failed') }, 'clock', /githubstatus/],
  ['this clock is off', { clockSkewMs: read(5 * MINUTE_MS) }, 'clock', /clock/],
  [
    'a new permission was not accepted',
    { installations: read([{ ...INSTALLATION, permissions: { actions: 'read' } }]) },
    'installation',
    /Review request/,
  ],
  [
    'a repository was renamed',
    {
      renamed: read([
        { name: 'acme/old', newName: undefined },
        { name: 'acme/shop', newName: 'acme/web' },
      ]),
    },
    'renamed',
    /new name/,
  ],
  [
    'a repository went to an owner without the App',
    { renamed: read([{ name: 'acme/old', newName: undefined }]) },
    'renamed',
    /install the App there/,
  ],
  [
    'an allowed repository is public and not named',
    {
      installations: read([
        { ...INSTALLATION, repositories: [{ id: 1, fullName: 'acme/web', isPublic: true }] },
      ]),
    },
    'repositories',
    /publicRepositories/,
  ],
  [
    'a rule names a repository that is not there',
    {
      policy: read({
        ...{ ...POLICY, ...SERVING, docker: { ...POLICY.docker, repositories: [] } },
        rules: [{ ...POLICY, repositories: ['acme/wep'] }],
      }),
    },
    'repositories',
    /under rules/,
  ],
  [
    'the runner group is closed to the repository',
    { runnerGroups: read([{ ...GROUP, found: { ...OPEN, repositories: ['acme/api'] } }]) },
    'runner-group',
    /Runner groups/,
  ],
  ['nobody is signed in', { identity: failed('CredentialsProviderError') }, 'identity', /sign in/],
  [
    'the stack was rolled back',
    { stack: read({ status: 'ROLLBACK_COMPLETE', reason: 'quota' }) },
    'stack',
    /events/,
  ],
  [
    'a removal was broken off',
    { functions: read(FUNCTIONS.map((one) => ({ ...one, isClosed: true }))) },
    'functions',
    /removal/,
  ],
  [
    'a function is gone',
    { functions: read([...FUNCTIONS.slice(1), { name: 'webhook', ...FUNCTION, state: undefined }]) },
    'functions',
    /deploy/,
  ],
  [
    'the functions hold another secret',
    { signedAnswer: read({ status: 401, message: 'no match' }) },
    'secret',
    /another secret/,
  ],
  [
    'the image is not in its registry',
    { images: read([{ name: 'ghcr.io/acme/runner:9', isThere: false }]) },
    'image',
    /parameter image/,
  ],
  [
    'GitHub will not take the runner for long',
    {
      runnerVersion: read({ version: '2.300.0', endsAtMs: NOW_MS + 3 * 24 * 60 * MINUTE_MS }),
    },
    'runner-version',
    /newer image/,
  ],
  [
    'GitHub no longer takes the runner',
    {
      runnerVersion: read({ version: '2.300.0', endsAtMs: NOW_MS - 1 }),
    },
    'runner-version',
    /newer image/,
  ],
  [
    'a subnet has no way out',
    { network: read({ ...NETWORK, subnets: [{ subnetId: 'subnet-a', wayOut: 'none' }] }) },
    'network',
    /NAT/,
  ],
  [
    'a public subnet gives no address',
    { network: read({ ...NETWORK, subnets: [{ subnetId: 'subnet-a', wayOut: 'internet-gateway' }] }) },
    'network',
    /assignPublicIp/,
  ],
  [
    'functions are in a public subnet',
    {
      network: read({
        ...{ assignsPublicIp: true, areFunctionsInside: true, hasProxy: false, closedGroups: [] },
        subnets: [{ subnetId: 'subnet-a', wayOut: 'internet-gateway' }],
      }),
    },
    'network',
    /functionsInVpc/,
  ],
  ['nothing may go out', { network: read({ ...NETWORK, closedGroups: ['sg-a'] }) }, 'network', /443/],
  ['Lambda has no room', { concurrency: read(10) }, 'concurrency', /Concurrent executions/],
  ['Spot has no room', { vcpuQuotas: read({ onDemand: 256, spot: 4 }) }, 'quota', /Spot/],
  [
    'Parameter Store has no room',
    { errors: ['ssm GetParameters: Rate exceeded'] },
    'parameter-reads',
    /higher throughput/,
  ],
  ['a role was cut down', { denied: read(['ecs:RunTask']) }, 'roles', /boundary/],
  ['reconcile is not fed', { eventSource: read('Disabled') }, 'event-source', /enable it/],
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
    { installations: read([{ ...INSTALLATION, isSuspended: true, repositories: [] }]) },
    'installation',
    /unsuspend/,
  ],
  [
    'the App does not see the repository',
    {
      installations: read([
        { ...INSTALLATION, repositories: [{ id: 3, fullName: 'acme/other', isPublic: false }] },
      ]),
    },
    'repositories',
    /Repository access/,
  ],
  [
    'the organization has no runner group of that name',
    { runnerGroups: read([{ account: 'acme', asked: 'payments', found: undefined }]) },
    'runner-group',
    /make it in the organization/,
  ],
  ['the runner group is gone', { runnerGroups: failed('Not Found') }, 'runner-group', /runnerGroupId/],
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
  ['nobody answers', { deliveries: read([delivery(502)]) }, 'deliveries', /ten seconds/],
  ['deliveries are throttled', { deliveries: read([delivery(503)]) }, 'deliveries', /concurrency/],
  ['deliveries find nothing', { deliveries: read([delivery(404)]) }, 'deliveries', /no deployment/],
  ['deliveries fail', { deliveries: read([delivery(500)]) }, 'deliveries', /Advanced/],
  ['no delivery comes', { deliveries: read([]) }, 'deliveries', /active/],
  ['the cluster is gone', { cluster: failed('there is no cluster') }, 'cluster', /deploy/],
  [
    'a capacity provider is gone',
    { cluster: read({ status: 'ACTIVE', providers: ['FARGATE'] }) },
    'cluster',
    /removal/,
  ],
  [
    'runners.yml gives Docker to a repository, and there is none',
    { policy: read({ ...POLICY, ...SERVING, docker: { ...POLICY.docker, repositories: ['acme/web'] } }) },
    'docker-capacity',
    /docker=enabled/,
  ],
  [
    'the capacity of Docker is gone',
    { dockerCapacity: read({ name: 'oneshot-dev-docker', status: 'missing' }) },
    'docker-capacity',
    /docker=disabled, then with docker=enabled/,
  ],
  [
    'the capacity of Docker is being deleted',
    { dockerCapacity: read({ name: 'oneshot-dev-docker', status: 'DEPROVISIONING' }) },
    'docker-capacity',
    /docker=disabled/,
  ],
  [
    'the capacity of Docker is being made',
    { dockerCapacity: read({ name: 'oneshot-dev-docker', status: 'PROVISIONING' }) },
    'docker-capacity',
    /wait a minute/,
  ],
  ['nobody takes instances away', { dockerRole: read(false) }, 'docker-role', /ecs-compute/],
  ['EC2 has no room', { dockerVcpus: read(8) }, 'docker-quota', /L-1216C47A/],
  ['Fargate has no room', { vcpuQuotas: read({ onDemand: 6, spot: 6 }) }, 'quota', /Service Quotas/],
  [
    'launches hit the quota',
    { refusals: new Map([['vcpu-quota', 'limit on the number of vCPUs']]) },
    'launches',
    /Service Quotas/,
  ],
  [
    'the subnets are full, as RunTask says',
    { refusals: new Map([['no-address', 'InsufficientFreeAddressesInSubnet']]) },
    'launches',
    /larger subnets/,
  ],
  [
    'the subnets are full, as a task says',
    { stops: [readStop('TaskFailedToStart', 'InsufficientFreeAddressesInSubnet', undefined)] },
    'tasks',
    /larger subnets/,
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
    { stops: [readStop('TaskFailedToStart', 'CannotPullContainerError: not found', undefined)] },
    'tasks',
    /way out/,
  ],
  [
    'a log group is missing',
    { stops: [readStop('TaskFailedToStart', 'ResourceInitializationError: log group', undefined)] },
    'tasks',
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
    /fix what it names/,
  ],
  ['letters are dead', { doubts: read({ waiting: 0, dead: 2 }) }, 'queue', /dlq list/],
  ['functions write errors', { errors: ['webhook: boom'] }, 'errors', /saved query/],
  ['a job waits', { waitingJobs: [{ jobId: 7, queuedAtMs: NOW_MS - 30 * MINUTE_MS }] }, 'jobs', /--job 7/],
];

const byRule = (runnerGroup: string | number, changes: object = {}) =>
  read({
    ...POLICY,
    ...SERVING,
    allow: { repositories: ['acme/*'], publicRepositories: [] },
    docker: { ...POLICY.docker, repositories: [] },
    rules: [
      {
        ...POLICY,
        docker: { ...POLICY.docker, repositories: [] },
        repositories: ['acme/api'],
        runnerGroup,
        ...changes,
      },
    ],
  });
const BOTH = { ...APP.permissions, administration: 'write' };
const MAY_BOTH = {
  app: read({ ...APP, permissions: BOTH }),
  installations: read([{ ...INSTALLATION, permissions: BOTH }]),
};
const LARGER = { defaults: { ...POLICY.defaults, vcpu: 4, memoryGiB: 16 } };
const payments = (...repositories: string[]) => ({
  ...{ account: 'acme', asked: 'payments' },
  found: { ...OPEN, name: 'payments', repositories },
});
const onlyWeb = { ...GROUP, found: { ...OPEN, repositories: ['acme/web'] } };

describe('the runner groups of rules', () => {
  const judge = (changes: Partial<Facts>) =>
    diagnose({ ...HEALTHY, ...changes }).find(({ id }) => id === 'runner-group')?.verdict;

  it.each<[string, string, Partial<Facts>, RegExp]>([
    [
      'ok',
      'each has its own',
      { policy: byRule('payments', LARGER), runnerGroups: read([payments('acme/api'), onlyWeb]) },
      /payments of acme, Default of acme/,
    ],
    [
      'fail',
      'its rule’s is not open to it',
      { policy: byRule('payments', LARGER), runnerGroups: read([payments(), onlyWeb]) },
      /payments of acme is not open to acme\/api/,
    ],
    [
      'warn',
      'it can use the group of others',
      { policy: byRule('payments', LARGER), runnerGroups: read([payments('acme/api'), GROUP]) },
      /acme\/api can use the group Default with runners of acme\/web/,
    ],
    [
      'warn',
      'two meanings share one',
      { policy: byRule(1, LARGER), runnerGroups: read([GROUP]) },
      /acme\/web can use the group Default with runners of acme\/api/,
    ],
    [
      'warn',
      'runners of its own are not all that it can get',
      { policy: byRule(1, { ...LARGER, scope: 'repository' }), ...MAY_BOTH, runnerGroups: read([GROUP]) },
      /acme\/api can use the group Default/,
    ],
    [
      'ok',
      'labels mean the same',
      { policy: byRule('payments'), runnerGroups: read([payments('acme/api'), GROUP]) },
      /payments/,
    ],
  ])('should be %s where %s', (kind, _, changes, seen) => {
    expect(judge(changes)).toMatchObject({ kind, seen: expect.stringMatching(seen) });
  });
});

describe('the doctor', () => {
  it('should find nothing wrong with subnets that have no way out but a proxy', () => {
    const network = {
      ...NETWORK,
      hasProxy: true,
      subnets: [{ subnetId: 'subnet-a', wayOut: 'none' as const }],
    };
    const findings = diagnose({ ...HEALTHY, network: read(network) });
    expect(findings.find(({ id }) => id === 'network')?.verdict.kind).toBe('ok');
  });

  it('should find nothing wrong with what is well', () => {
    const kinds = diagnose(HEALTHY).map(({ id, verdict }) => [id, verdict.kind]);
    expect(kinds).toEqual(CHECKS.map(({ id }) => [id, 'ok']));
  });

  it.each(FAULTS)('should name first what is broken, and how to fix it: %s', (_, changes, first, fix) => {
    const findings = diagnose({ ...HEALTHY, ...changes });
    const found = findings.find(({ verdict }) => verdict.kind === 'fail' || verdict.kind === 'warn');
    expect(found?.id).toBe(first);
    expect(found?.verdict).toMatchObject({ fix: expect.stringMatching(fix) });
  });

  it('should not look at what hangs on a broken link', () => {
    const findings = diagnose({
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

  it('should call nothing broken that it may not see', () => {
    const unseen = { kind: 'unseen', because: 'this identity may not look' } as const;
    const findings = diagnose({ ...HEALTHY, stack: unseen, network: unseen, denied: unseen });
    expect(findings.filter(({ verdict }) => verdict.kind !== 'ok').map(({ id }) => id)).toEqual([
      'stack',
      'network',
      'roles',
    ]);
  });

  it('should name the broken link to each that hangs on it, and not the one between', () => {
    const findings = diagnose({ ...HEALTHY, identity: failed('no credentials') });
    const skipped = findings.filter(({ verdict }) => verdict.kind === 'skip');
    expect(skipped.length).toBeGreaterThan(20);
    for (const { verdict } of skipped) expect(verdict).toEqual({ kind: 'skip', because: 'identity' });
  });

  it('should hang each link on links before it', () => {
    const ids = CHECKS.map(({ id }) => id);
    for (const { id, needs } of CHECKS)
      for (const need of needs)
        expect(ids.indexOf(need), `${id} needs ${need}`).toBeLessThan(ids.indexOf(id));
    expect(new Set(ids).size).toBe(ids.length);
    for (const need of CHECKS.flatMap(({ needs }) => needs)) expect(ids).toContain(need);
  });

  it('should judge what it can where a reading breaks, and read once what several links name', async () => {
    let reads = 0;
    const shared = tried(async () => ++reads);
    const part = { tries: '', needs: [], judge: () => ok('seen') };
    const findings = await examine(
      [
        link({ ...part, id: 'one', title: 'one', reads: { shared } }),
        link({ ...part, id: 'other', title: 'other', reads: { shared } }),
        link({
          ...part,
          id: 'broken',
          title: 'broken',
          reads: { it: () => Promise.reject(new Error('gone')) },
        }),
      ],
      {} as Deployment,
    );
    expect(findings.map(({ verdict }) => verdict)).toMatchObject([
      { kind: 'ok' },
      { kind: 'ok' },
      { kind: 'fail', seen: expect.stringContaining('gone') },
    ]);
    expect(reads).toBe(1);
  });

  it('should not call broken what the identity may not read, and name what it lacks', async () => {
    const denied = looked('sts:GetCallerIdentity', () => Promise.reject(new Error('AccessDenied')));
    const [finding] = await examine([{ ...identity, reads: { identity: denied } }], {} as Deployment);
    expect(finding?.verdict).toEqual({
      kind: 'unseen',
      because: 'this identity may not look: allow sts:GetCallerIdentity',
    });
  });
});
