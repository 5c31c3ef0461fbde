import { generateKeyPairSync } from 'node:crypto';
import { ECSClient, PutClusterCapacityProvidersCommand } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../../cli/doctor/link.ts';
import { startControl } from '../../../local/world/control.ts';
import type { World } from '../../../local/world/start-world.ts';
import { startTestWorld, until } from '../../fixtures/world.ts';
import { oneshot } from '../oneshot.ts';

const PARAMETERS = '/oneshot/local/github';

interface Patient {
  readonly world: World;
  readonly control: Awaited<ReturnType<typeof startControl>>;
  close(): Promise<void>;
}

/** A world in which one of our jobs and a foreign one have come and gone. */
async function admitPatient(options: Parameters<typeof startTestWorld>[0] = {}): Promise<Patient> {
  const world = await startTestWorld({ pace: 30, ...options });
  const control = await startControl(world);
  queue(world, 'fargate');
  await until('a job was done', () => world.logs.some((line) => line.includes('"task stopped"')));
  await world.github.settled();
  return {
    world,
    control,
    async close() {
      control.close();
      await world.close();
    },
  };
}

const queue = ({ github, installation }: World, label: string): number =>
  github.queueRun({
    repository: `${installation.owner.login}/web`,
    jobs: [{ name: 'test', labels: [label], durationSeconds: 5 }],
  })[0] ?? 0;

async function examine({ control }: Patient): Promise<readonly Finding[]> {
  return JSON.parse((await oneshot(control.url, '--json', 'doctor')).stdout);
}

/** The link that is named first: a broken one, or one that is warned of where none is broken. */
const first = (findings: readonly Finding[]): Finding | undefined =>
  findings.find(({ verdict }) => verdict.kind === 'fail') ??
  findings.find(({ verdict }) => verdict.kind === 'warn');

const otherKey = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
}).privateKey;

const parameter =
  (name: string, value: string | undefined) =>
  ({ aws }: World): void =>
    value === undefined
      ? aws.parameters.delete(`${PARAMETERS}/${name}`)
      : aws.parameters.put(`${PARAMETERS}/${name}`, value);

async function offer({ aws }: World, capacityProviders: string[]): Promise<void> {
  const ecs = new ECSClient({ endpoint: aws.url, region: aws.region, credentials: aws.operatorCredentials });
  const request = { cluster: aws.clusterArn, capacityProviders, defaultCapacityProviderStrategy: [] };
  await ecs.send(new PutClusterCapacityProvidersCommand(request));
  ecs.destroy();
}

type Act = (world: World) => void | Promise<void>;

/**
 * One thing at a time that somebody breaks at GitHub or in AWS, and repairs again; and the link that is to be named.
 */
const FAULTS: ReadonlyArray<readonly [what: string, link: string, seed: Act, repair: Act]> = [
  [
    'the stack was deleted',
    'stack',
    ({ aws }) => {
      held.stack = aws.accountState.stack;
      aws.accountState.stack = undefined;
    },
    ({ aws }) => {
      aws.accountState.stack = held.stack;
    },
  ],
  ['a deployment was rolled back', 'stack', status('UPDATE_ROLLBACK_FAILED'), status('UPDATE_COMPLETE')],
  ['a removal was broken off', 'functions', reserve(0), reserve(undefined)],
  [
    'a function was deleted',
    'functions',
    ({ aws }) => {
      held.sweep = aws.accountState.functions.get('oneshot-local-sweep');
      aws.accountState.functions.delete('oneshot-local-sweep');
    },
    ({ aws }) => {
      if (held.sweep) aws.accountState.functions.set('oneshot-local-sweep', held.sweep);
    },
  ],
  [
    'the webhook secret was never stored',
    'parameters',
    parameter('webhook-secret', undefined),
    (world) => parameter('webhook-secret', world.webhookSecret)(world),
  ],
  ['the private key was cut off', 'private-key', parameter('private-key', '-----BEGIN'), restoreKey],
  ['the private key is of another App', 'app', parameter('private-key', otherKey), restoreKey],
  ['the App’s id is wrong', 'app', parameter('app-id', '999'), parameter('app-id', '123456')],
  [
    'the App may not register runners',
    'permissions',
    ({ github }) => github.changeApp({ permissions: { actions: 'read', metadata: 'read' } }),
    ({ github }) => github.changeApp({ permissions: GRANTED }),
  ],
  [
    'the App is not subscribed to jobs',
    'events',
    ({ github }) => github.changeApp({ events: [] }),
    ({ github }) => github.changeApp({ events: ['workflow_job'] }),
  ],
  [
    'the installation is suspended',
    'installation',
    ({ github }) => github.changeInstallation({ isSuspended: true }),
    ({ github }) => github.changeInstallation({ isSuspended: false }),
  ],
  [
    'nobody has accepted the new permission',
    'installation',
    ({ github }) => github.changeInstallation({ permissions: { actions: 'read', metadata: 'read' } }),
    ({ github }) => github.changeInstallation({ permissions: GRANTED }),
  ],
  [
    'the App does not see the repositories',
    'repositories',
    ({ github }) => github.changeInstallation({ repositories: [] }),
    ({ github, installation: { repositories } }) => github.changeInstallation({ repositories }),
  ],
  [
    'the runner group is closed to a repository',
    'runner-group',
    ({ github }) =>
      github.changeInstallation({ runnerGroups: [{ id: 1, name: 'Default', repositories: ['api'] }] }),
    openGroup,
  ],
  [
    'the runner group was deleted',
    'runner-group',
    ({ github }) => github.changeInstallation({ runnerGroups: [{ id: 2, name: 'Other' }] }),
    openGroup,
  ],
  [
    'the webhook goes to an older deployment',
    'hook',
    ({ github }) => github.setWebhookUrl('https://old.example.com/webhook'),
    ({ github, webhookUrl }) => github.setWebhookUrl(webhookUrl),
  ],
  [
    'the cluster has lost its capacity providers',
    'cluster',
    (world) => offer(world, []),
    (world) => offer(world, ['FARGATE', 'FARGATE_SPOT']),
  ],
  [
    'GitHub takes the runner’s version no more',
    'runner-version',
    ({ github }) => github.deprecateListener(true),
    ({ github }) => github.deprecateListener(false),
  ],
  ['the route to NAT is gone', 'network', wayOut(undefined), wayOut('nat-0aaaaaaaaaaaaaaaa')],
  [
    'the subnets are public, and tasks get no address',
    'network',
    wayOut('igw-0a'),
    wayOut('nat-0aaaaaaaaaaaaaaaa'),
  ],
  [
    'the security group lets only plain HTTP out',
    'network',
    ({ aws }) => {
      aws.accountState.network.egressPort = 80;
    },
    ({ aws }) => {
      aws.accountState.network.egressPort = undefined;
    },
  ],
  [
    'a new account runs ten functions at once',
    'concurrency',
    ({ aws }) => {
      aws.accountState.concurrency = 10;
    },
    ({ aws }) => {
      aws.accountState.concurrency = 1000;
    },
  ],
  [
    'a new account has six vCPUs',
    'quota',
    ({ aws }) => void aws.accountState.quotas.set('L-3032A538', 6),
    ({ aws }) => void aws.accountState.quotas.set('L-3032A538', 256),
  ],
  [
    'a policy of the organisation forbids RunTask',
    'roles',
    ({ aws }) => void aws.accountState.denied.add('ecs:RunTask'),
    ({ aws }) => void aws.accountState.denied.delete('ecs:RunTask'),
  ],
  ['the trigger of reconcile was disabled', 'event-source', feed('Disabled'), feed('Enabled')],
];

const GRANTED = {
  actions: 'read',
  administration: 'write',
  metadata: 'read',
  organization_self_hosted_runners: 'write',
} as const;

const held: {
  stack?: World['aws']['accountState']['stack'];
  sweep?: ReturnType<World['aws']['accountState']['functions']['get']>;
} = {};

function status(value: string): Act {
  return ({ aws }) => {
    if (aws.accountState.stack) aws.accountState.stack.status = value;
  };
}

function reserve(value: number | undefined): Act {
  return ({ aws }) => {
    for (const one of aws.accountState.functions.values()) one.reservedConcurrency = value;
  };
}

function wayOut(value: string | undefined): Act {
  return ({ aws }) => {
    aws.accountState.network.wayOut = value;
  };
}

function feed(value: 'Enabled' | 'Disabled'): Act {
  return ({ aws }) => {
    const reconcile = aws.accountState.functions.get('oneshot-local-reconcile');
    if (reconcile) reconcile.eventSource = value;
  };
}

function openGroup({ github }: World): void {
  github.changeInstallation({ runnerGroups: [{ id: 1, name: 'Default' }] });
}

function restoreKey(world: World): void {
  parameter('private-key', world.privateKey)(world);
}

describe('the doctor, in a world in which one thing is broken', () => {
  let patient: Patient;
  beforeAll(async () => {
    patient = await admitPatient();
  }, 300_000);
  // Five minutes without one are a fault, and pass in ten seconds here.
  beforeEach(() => patient.world.sweep());
  afterAll(() => patient.close());

  it('should find nothing wrong before', async () => {
    const findings = await examine(patient);
    expect(findings.filter(({ verdict }) => verdict.kind === 'fail' || verdict.kind === 'warn')).toEqual([]);
    // Nobody pulls an image here, and the clock is the world's own; all else was looked at.
    expect(findings.filter(({ verdict }) => verdict.kind === 'unseen').map(({ id }) => id)).toEqual([
      'clock',
    ]);
  });

  it.each(FAULTS)('should name it first: %s', async (_, link, seed, repair) => {
    await seed(patient.world);
    const findings = await examine(patient).finally(() => repair(patient.world));
    expect(first(findings)).toMatchObject({ id: link, verdict: { fix: expect.stringMatching(/\w/) } });
  });

  it('should find nothing broken after all was repaired', async () => {
    const findings = await examine(patient);
    expect(findings.filter(({ verdict }) => verdict.kind === 'fail')).toEqual([]);
  });
});

type SetAccount = (account: World['aws']['accountState']) => void;
type Unready = readonly [what: string, check: string, seed: SetAccount, params: readonly string[]];
const NO_PARAM = ['network=public']; // the default

/** What an account may lack before anything is made, what is deployed, and the check that is to be named. */
const UNREADY: readonly Unready[] = [
  [
    'a first deployment failed and was left',
    'stack',
    (account) => setStatus(account, 'ROLLBACK_COMPLETE'),
    NO_PARAM,
  ],
  [
    'functions share ten executions',
    'concurrency',
    (account) => Object.assign(account, { concurrency: 10 }),
    NO_PARAM,
  ],
  ['there are no vCPUs', 'quota', ({ quotas }) => void quotas.set('L-3032A538', 0), NO_PARAM],
  ['there are few vCPUs', 'quota', ({ quotas }) => void quotas.set('L-3032A538', 6), NO_PARAM],
  ['there are no vCPUs on Spot', 'spot-quota', ({ quotas }) => void quotas.set('L-36FBB829', 0), NO_PARAM],
  [
    'five VPCs are there, and only the default is known',
    'vpcs',
    (account) => {
      Object.assign(account, { stack: undefined, others: { vpcs: 5, addresses: 0 } });
      account.quotas.delete('L-F678F1CE');
    },
    NO_PARAM,
  ],
  [
    'five VPCs are there, and a first deployment that failed has none of them',
    'vpcs',
    (account) => {
      setStatus(account, 'UPDATE_ROLLBACK_COMPLETE');
      if (account.stack) account.stack = { ...account.stack, outputs: {} };
      Object.assign(account, { others: { vpcs: 5, addresses: 0 } });
    },
    NO_PARAM,
  ],
  [
    'four addresses are taken',
    'addresses',
    (account) => Object.assign(account, { stack: undefined, others: { vpcs: 1, addresses: 4 } }),
    ['network=private', 'natGateways=per-zone'],
  ],
  [
    'CodeBuild builds nothing for x64',
    'builds-x64',
    ({ quotas }) => void quotas.set('L-9D07B6EF', 0),
    ['imagePipeline=enabled'],
  ],
  [
    'CodeBuild builds nothing for arm64',
    'builds-arm64',
    ({ quotas }) => void quotas.set('L-5ED1D25B', 0),
    ['imagePipeline=enabled'],
  ],
];

function setStatus(account: World['aws']['accountState'], value: string): void {
  if (account.stack) account.stack = { ...account.stack, status: value };
}

describe('the doctor, before a deployment', () => {
  let patient: Patient;
  beforeAll(async () => {
    const world = await startTestWorld({ sweepEverySeconds: 0 });
    const control = await startControl(world);
    patient = { world, control, close: () => Promise.resolve(control.close()).then(() => world.close()) };
  }, 300_000);
  afterAll(() => patient.close());

  const look = async (...params: readonly string[]): Promise<readonly Finding[]> => {
    const flags = params.flatMap((param) => ['--param', param]);
    const { stdout, stderr } = await oneshot(
      patient.control.url,
      '--json',
      'doctor',
      '--before-deploy',
      ...flags,
    );
    expect(stderr).toBe('');
    return JSON.parse(stdout);
  };

  /** The account as it was, so that each fault is alone. */
  async function seeded(seed: SetAccount, ...params: readonly string[]): Promise<readonly Finding[]> {
    const account = patient.world.aws.accountState;
    const { stack, concurrency, others } = account;
    const quotas = [...account.quotas];
    seed(account);
    try {
      return await look(...params);
    } finally {
      Object.assign(account, { stack, concurrency, others });
      for (const [code, value] of quotas) account.quotas.set(code, value);
    }
  }

  it('should find an account of some age ready for everything', async () => {
    const nothing = await seeded(
      (account) => Object.assign(account, { stack: undefined }),
      'imagePipeline=enabled',
      'network=private',
    );
    expect(nothing.filter(({ verdict }) => verdict.kind !== 'ok')).toEqual([]);
    expect(nothing.find(({ id }) => id === 'addresses')?.verdict).toEqual({
      ...{ kind: 'ok', seen: '1 of 5 are used, 1 needed' },
    });
  });

  it.each(UNREADY)('should name it first, with the way out: %s', async (_, check, seed, params) => {
    const findings = await seeded(seed, ...params);
    expect(first(findings)).toMatchObject({ id: check, verdict: { fix: expect.stringMatching(/\w/) } });
    if (check !== 'stack')
      expect(first(findings)?.verdict).toMatchObject({
        fix: expect.stringMatching(/request-service-quota-increase --region us-east-1 .* L-[0-9A-F]{8} /),
      });
  });

  it('should need nothing of what the parameters leave out', async () => {
    const findings = await seeded(
      (account) => {
        Object.assign(account, { stack: undefined, others: { vpcs: 5, addresses: 5 } });
        for (const code of ['L-9D07B6EF', 'L-5ED1D25B']) account.quotas.set(code, 0);
      },
      'network=existing',
      'subnets=subnet-0aaaaaaaaaaaaaaaa',
      'securityGroups=sg-0aaaaaaaaaaaaaaaa',
    );
    expect(findings.filter(({ verdict }) => verdict.kind !== 'ok')).toEqual([]);
  });

  it('should say that GuardDuty will be in the network, and what takes it away', async () => {
    const { endpoints } = patient.world.aws.accountState.guardDuty;
    endpoints.set('vpce-1', 'available');
    const findings = await look().finally(() => endpoints.clear());
    expect(findings.find(({ id }) => id === 'guardduty')?.verdict).toMatchObject({
      ...{ kind: 'ok', seen: expect.stringContaining('a removal deletes what it puts there') },
    });
  });

  it('should refuse --param where nothing is to be deployed', async () => {
    const { code, stderr } = await oneshot(patient.control.url, 'doctor', '--param', 'network=public');
    expect([code, stderr]).toEqual([expect.any(Number), expect.stringContaining('--before-deploy')]);
  });
});

describe('the doctor, in a world whose last hour went wrong', () => {
  let patient: Patient;
  beforeAll(async () => {
    patient = await admitPatient({ sweepEverySeconds: 0 });
  }, 300_000);
  afterAll(() => patient.close());

  it('should miss the sweep', async () => {
    expect(first(await examine(patient))?.id).toBe('sweep');
  });

  it('should see that tasks do not start', async () => {
    const { world } = patient;
    world.faults.next('task-fails-to-start');
    queue(world, 'fargate');
    const failed = () =>
      world.aws
        .tasks()
        .find(({ stopCode, lastStatus }) => lastStatus === 'STOPPED' && stopCode === 'TaskFailedToStart');
    await until('a task failed to start', () => failed() !== undefined);
    // A lack of capacity passes by itself: a warning, behind the sweep's failure of the test before.
    expect((await examine(patient)).find(({ id }) => id === 'tasks')?.verdict).toMatchObject({
      kind: expect.stringMatching(/^(fail|warn)$/),
      seen: expect.stringContaining(failed()?.stoppedReason ?? 'nothing failed'),
    });
  });

  it('should see that GitHub signs with another secret', async () => {
    const { world } = patient;
    world.github.setWebhookSecret('another');
    queue(world, 'ubuntu-latest');
    await until('it was turned away', () => world.github.deliveries()[0]?.statusCode === 401);
    expect(first(await examine(patient))).toMatchObject({
      id: 'deliveries',
      verdict: { fix: expect.stringMatching(/secret.*differ/) },
    });
    world.github.setWebhookSecret(world.webhookSecret);
  });

  it('should see that nobody answers GitHub', async () => {
    const { world } = patient;
    await world.github.settled();
    world.faults.setRate('lost-webhook', 1);
    queue(world, 'ubuntu-latest');
    await until('it was lost', () => world.github.deliveries()[0]?.statusCode === 502);
    expect(first(await examine(patient))).toMatchObject({
      id: 'deliveries',
      verdict: { fix: expect.stringMatching(/no answer in ten seconds/) },
    });
    world.faults.setRate('lost-webhook', 0);
  });
});
