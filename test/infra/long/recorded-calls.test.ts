import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AccessRequest, allowing } from '../../../local/aws/iam/evaluate.ts';
import { type Deployment, needsOf } from '../../../local/aws/iam/needs.ts';
import type { AwsCall } from '../../../local/aws/index.ts';
import type { World } from '../../../local/world/start-world.ts';
import { startTestWorld, until } from '../../fixtures/world.ts';
import { packageService } from '../package-service.ts';
import { asList, at, type Statement, statementsOf, type Template } from '../template.ts';

/** Every way through the functions and the entrypoint, once; what they called is held against the roles. */
async function play(world: World): Promise<void> {
  const { github, faults, aws, installation } = world;
  const repository = `${installation.owner.login}/${installation.repositories[0]?.name}`;
  const queue = (name: string, labels: readonly string[] = ['fargate'], durationSeconds = 30) =>
    github.queueRun({ repository, jobs: [{ name, labels, durationSeconds }] })[0] ?? 0;
  const jobOf = (id: number) => github.jobs().find((job) => job.id === id);
  const ended = (id: number) => until(`job ${id} has ended`, () => jobOf(id)?.status === 'completed');

  // A launch, on Spot without capacity, of an architecture of its own; each marked and settled.
  faults.next('ecs-no-capacity');
  // Its listener stays: its task is told that the job is over, and the sweep below stops it.
  faults.next('listener-stays');
  await ended(queue('spot', ['fargate/spot/arch=arm64']));
  // Two refused launches, each asked five times: doubt, reconcile, and doubt again. A message that is none: the dead-letter queue.
  faults.next('ecs-throttle', 10);
  const sqs = new SQSClient({ region: aws.region, endpoint: aws.url, credentials: aws.operatorCredentials });
  const [MessageBody, MessageGroupId, MessageDeduplicationId] = ['no doubt', 'poison', 'poison'];
  const letter = { MessageBody, MessageGroupId, MessageDeduplicationId };
  await sqs.send(new SendMessageCommand({ QueueUrl: aws.queues.doubts.url, ...letter }));
  await ended(queue('refused'));
  await until('the letter is dead', () => aws.queues.deadLetters.depth().visible > 0);
  await world.functions.get('settle')?.invoke({ id: 'poison-event', detail: {} });
  sqs.destroy();
  // A task that never runs: the sweep stops it, its registration is removed, its job launched again.
  const before = aws.tasks().length;
  faults.next('task-stuck');
  const stuck = queue('stuck');
  await until('a task is stuck', () => aws.tasks().length > before);
  await world.clock.sleep(1_860_000);
  await world.sweep();
  await ended(stuck);
}

interface Recorded {
  readonly role: string;
  readonly request: AccessRequest;
}

/** Lambda's poller of the queue acts as the function it feeds. */
function roleOf({ principal }: AwsCall, template: Template): string {
  if (principal.includes(':user/operator')) return 'ReconcileRole';
  const session = principal.split('/')[1] ?? '';
  if (session.endsWith('-task')) return 'TaskRole';
  const name = session.slice('oneshot-local-'.length);
  const resource = `${name[0]?.toUpperCase()}${name.slice(1)}LambdaFunction`;
  return String(at(template.Resources[resource], 'Properties', 'Role', 'Fn::GetAtt', 0));
}

let template: Template;
let recorded: readonly Recorded[];
let policies: Readonly<Record<string, readonly Statement[]>>;
let deployment: Deployment;
const ROLES = ['WebhookRole', 'ReconcileRole', 'SettleRole', 'SweepRole', 'TaskRole'];

beforeAll(async () => {
  const world = await startTestWorld({ pace: 30 });
  const calls: AwsCall[] = [];
  const { region, account, clusterArn, keyArn } = world.aws;
  try {
    world.aws.on('call', (call) => calls.push(call));
    await world.github.ping();
    await play(world);
  } finally {
    await world.close();
  }
  const packaged = await packageService({ flags: ['--stage', 'local', '--region', region] });
  template = packaged.resolved;
  const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;
  deployment = {
    ...{ region, account, clusterArn, keyArn, stack: 'oneshot-local' },
    taskRoles: [role('TaskRole'), role('ExecutionRole')],
    sourceIp: 'NatAddressA',
  };
  const requests = calls
    // The operator's own message is none of Lambda's.
    .filter(({ principal, operation }) => !principal.includes('operator') || operation !== 'SendMessage')
    .filter(({ principal, operation }) => !principal.includes('operator') || !operation.startsWith('Change'))
    .flatMap((call) =>
      needsOf(call, deployment).map((request) => ({ role: roleOf(call, template), request })),
    );
  recorded = [...new Map(requests.map((one) => [JSON.stringify(one), one])).values()];
  policies = Object.fromEntries(ROLES.map((name) => [name, statementsOf(template, name).map(concrete)]));
}, 180_000);

/** A statement with the ARNs of the embedded world instead of what CloudFormation fills in. */
function concrete(statement: Statement): Statement {
  return fill(statement) as Statement;
}

function fill(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fill);
  if (typeof value !== 'object' || value === null) return value;
  const [key, inner] = Object.entries(value)[0] ?? [];
  if (key === 'Fn::GetAtt') return arnOf(String((inner as string[])[0]));
  if (key === 'Fn::Sub') return substitute(String(inner));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fill(item)]));
}

const substitute = (text: string): string =>
  text.replaceAll(
    /\$\{(?:AWS::)?(\w+)\}/g,
    (_, name: string) =>
      ({
        Partition: 'aws',
        URLSuffix: 'amazonaws.com',
        Region: deployment.region,
        AccountId: deployment.account,
      })[name] ?? name,
  );

function arnOf(name: string): string {
  const { region, account, stack, clusterArn, keyArn } = deployment;
  const arns: Record<string, string> = {
    Cluster: clusterArn,
    Key: keyArn,
    DoubtQueue: `arn:aws:sqs:${region}:${account}:${stack}-doubts.fifo`,
    DeadDoubtQueue: `arn:aws:sqs:${region}:${account}:${stack}-dead-doubts.fifo`,
  };
  return arns[name] ?? `arn:aws:iam::${account}:role/${name}`;
}

/** Granted and called by nobody here: each with the reason why it is granted. */
const UNRECORDED: Readonly<Record<string, string>> = {
  'logs:CreateLogStream': 'Lambda’s runtime writes the log with the function’s role',
  'logs:PutLogEvents': 'Lambda’s runtime writes the log with the function’s role',
  'sqs:GetQueueAttributes': 'Lambda demands it of the role of an event source',
};

/** What the roles do not allow and was called, and what they allow and nobody called. */
function problemsOf(given: typeof policies): string[] {
  /** Actions that were called, by the statement that allowed them. */
  const used = new Map<Statement, Set<string>>();
  const denied = recorded.flatMap(({ role, request }) => {
    const statement = allowing(given[role] ?? [], request);
    if (statement === undefined) return [`${role} may not ${request.action} on ${request.resource}`];
    used.set(statement, (used.get(statement) ?? new Set()).add(request.action));
    return [];
  });
  const idle = Object.entries(given).flatMap(([role, statements]) =>
    statements.flatMap((statement) =>
      asList(statement.Action)
        .filter((action) => !(action in UNRECORDED))
        .filter((action) => !used.get(statement)?.has(action))
        .map((action) => `${role} may ${action} (${statement.Sid}) and never does`),
    ),
  );
  return [...new Set([...denied, ...idle])];
}

/** The roles with one statement of one of them changed. */
const changed = (
  role: string,
  sid: string,
  change: (statement: Statement) => Statement,
): typeof policies => ({
  ...policies,
  [role]: (policies[role] ?? []).map((one) => (one.Sid === sid ? change(one) : one)),
});

describe('least privilege', () => {
  it('should be what was called in every flow: all of it is allowed, and nothing else', () => {
    expect(new Set(recorded.map(({ role }) => role))).toEqual(new Set(ROLES));
    expect(problemsOf(policies)).toEqual([]);
  });

  it.each([
    [
      'WebhookRole',
      'LaunchTasks',
      { Resource: 'arn:aws:ecs:us-east-1:000000000000:task-definition/other:*' },
    ],
    [
      'ReconcileRole',
      'SealJitConfig',
      { Condition: { StringEquals: { 'kms:EncryptionContext:stack': 'other' } } },
    ],
    ['SettleRole', 'Bury', { Action: 'sqs:PurgeQueue' }],
    [
      'SweepRole',
      'StopTasks',
      { Condition: { ArnEquals: { 'ecs:cluster': 'arn:aws:ecs:::cluster/other' } } },
    ],
    ['TaskRole', 'UnsealJitConfig', { Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.1/32' } } }],
    ['WebhookRole', 'MarkTasks', { Condition: { StringEquals: { 'aws:TagKeys': 'oneshot:running-job' } } }],
    ['WebhookRole', 'HandTasksTheirRoles', { Condition: { StringEquals: { 'iam:PassedToService': 'ec2' } } }],
  ])('should not be less: %s with a narrower %s', (role, sid, narrower) => {
    const problems = problemsOf(changed(role, sid, (statement) => ({ ...statement, ...narrower })));
    expect(problems.join()).toMatch(new RegExp(`${role} may not`));
  });

  it.each([
    ['SweepRole', 'StopTasks', 'ecs:RunTask'],
    ['WebhookRole', 'SealJitConfig', 'kms:Decrypt'],
    ['TaskRole', 'UnsealJitConfig', 'ecs:DescribeTasks'],
  ])('should not be more: %s with %s and %s', (role, sid, action) => {
    expect((policies[role] ?? []).map(({ Sid }) => Sid)).toContain(sid);
    const broadened = changed(role, sid, (statement) => ({
      ...statement,
      Action: [...asList(statement.Action), action],
    }));
    expect(problemsOf(broadened).join()).toContain(`${role} may ${action} (${sid}) and never does`);
  });

  it.each(['WebhookRole', 'ReconcileRole'])(
    'should hold a launch of %s to the limits of runners.yml where ECS tells its size, and never refuse one for silence',
    (role) => {
      const launch = recorded.find(
        (one) => one.role === role && one.request.action === 'ecs:RunTask',
      )?.request;
      if (launch === undefined) throw new Error(`${role} launched nothing`);
      const { 'ecs:task-cpu': _, 'ecs:task-memory': __, ...silent } = launch.context;
      const isAllowed = (sizes: AccessRequest['context']) =>
        allowing(policies[role] ?? [], { ...launch, context: { ...silent, ...sizes } }) !== undefined;
      expect(isAllowed(launch.context)).toBe(true);
      expect(isAllowed({})).toBe(true);
      expect(isAllowed({ 'ecs:task-cpu': '16384' })).toBe(false);
      expect(isAllowed({ 'ecs:task-memory': '122880' })).toBe(false);
      expect(isAllowed({ 'ecs:cluster': 'arn:aws:ecs:us-east-1:000000000000:cluster/other' })).toBe(false);
    },
  );

  it('should be found so by another evaluator too, but for encryption contexts, which it does not know', async () => {
    const answers = await Promise.all(
      recorded
        .filter(({ request }) => !request.action.startsWith('kms:'))
        .map(async ({ role, request }) => {
          const { action, resource, context } = request;
          const policy = { Version: '2012-10-17', Statement: policies[role] };
          const result = await runSimulation(
            {
              request: {
                principal: `arn:aws:iam::${deployment.account}:role/${role}`,
                action,
                resource: { resource, accountId: deployment.account },
                contextVariables: context as Record<string, string | string[]>,
              },
              identityPolicies: [{ name: role, policy }],
              serviceControlPolicies: [],
              resourceControlPolicies: [],
            },
            {},
          );
          return `${role} ${action}: ${JSON.stringify(result.resultType === 'error' ? result.errors : result.overallResult)}`;
        }),
    );
    expect(answers.length).toBeGreaterThan(20);
    expect([...new Set(answers)].filter((answer) => !answer.endsWith('"Allowed"'))).toEqual([]);
  });
});
