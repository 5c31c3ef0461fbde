import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DescribeTasksCommand, RegisterTaskDefinitionCommand, RunTaskCommand } from '@aws-sdk/client-ecs';
import { GetFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drain } from '../../infra/removal.ts';
import { connectStack } from '../../infra/stack.ts';
import { copyService, runOsls } from '../infra/osls.ts';
import { openAccount } from './account.ts';
import { hasMoto, type Moto, startMoto } from './moto.ts';

const STAGE = 'moto';
const STACK = `oneshot-${STAGE}`;

let moto: Moto;
let service: string;
let account: ReturnType<typeof openAccount>;
/** `npx serverless COMMAND --stage moto`, with moto instead of AWS. */
const serverless = (command: string) =>
  runOsls(service, [command, '--stage', STAGE, '--verbose'], {
    AWS_ENDPOINT_URL: moto.url,
    AWS_ACCESS_KEY_ID: 'AKIA',
    AWS_SECRET_ACCESS_KEY: 'x',
    AWS_REGION: 'us-east-1',
  });

const title = hasMoto
  ? 'npx serverless, on moto'
  : 'npx serverless, on moto: skipped, as there is no moto here (pip install "moto[server]" for python3)';

/** One story, in this order. */
describe.runIf(hasMoto)(title, () => {
  beforeAll(async () => {
    moto = await startMoto();
    account = openAccount(moto.url);
    service = await mkdtemp(path.join(tmpdir(), 'oneshot-deploy-'));
    await copyService(service);
  }, 300_000);

  afterAll(async () => {
    await moto?.close();
    if (service !== undefined) await rm(service, { recursive: true, force: true });
  });

  it('should deploy to an account that has nothing, not even the role of ECS', async () => {
    const printed = await serverless('deploy');
    expect(printed).toContain('Made the service-linked role of ECS');
    expect(printed).toContain(`Service deployed to stack ${STACK}`);
    const { functions, queues, clusters, natGateways } = await account.inventory();
    expect(functions).toEqual(['reconcile', 'settle', 'sweep', 'webhook'].map((name) => `${STACK}-${name}`));
    expect(queues).toEqual([`${STACK}-dead-doubts.fifo`, `${STACK}-doubts.fifo`]);
    expect(clusters).toHaveLength(1);
    expect(natGateways).toEqual([]);
  });

  it('should hand the functions what was made', async () => {
    const made = await account.inventory();
    const everything = new Set(Object.values(made).flat());
    for (const { FunctionName = '', Environment } of await account.functions()) {
      const { Variables: given = {} } = Environment ?? {};
      expect(everything, FunctionName).toContain(given['ONESHOT_CLUSTER']);
      expect(everything, FunctionName).toContain(given['ONESHOT_KEY_ARN']);
      const queueNames = [given['ONESHOT_DOUBT_QUEUE_URL'], given['ONESHOT_DEAD_DOUBT_QUEUE_URL']].map(
        (url) => url?.split('/').at(-1),
      );
      expect(queueNames, FunctionName).toEqual([`${STACK}-doubts.fifo`, `${STACK}-dead-doubts.fifo`]);
      const subnets = given['ONESHOT_SUBNETS']?.split(',') ?? [];
      expect(subnets, FunctionName).toHaveLength(2);
      for (const subnet of subnets) expect(everything, FunctionName).toContain(subnet);
      expect(given['ONESHOT_TASK_DEFINITION_X64'], FunctionName).toMatch(
        new RegExp(`:task-definition/${STACK}-x64:1$`),
      );
    }
  });

  it('should give them roles in whose policies every reference has become a name', async () => {
    const roles = (await account.functions()).map(({ Role }) => Role?.split('/').at(-1) ?? '');
    expect(new Set(roles).size).toBe(4);
    for (const role of [...roles, `${STACK}-task-us-east-1`]) {
      const [policy, ...others] = await account.policiesOf(role);
      expect(others, role).toEqual([]);
      expect(policy, role).toContain('Statement');
      expect(policy, role).not.toMatch(/Fn::|\bRef\b|\$\{|NoValue/);
    }
  });

  it('should deploy nothing where nothing has changed, and open what a removal had closed', async () => {
    const before = (await account.functions()).map(({ LastModified }) => LastModified);
    const stack = connectStack(account.lambda, account.ecs, STACK);
    const closed = { functionNames: [`${STACK}-webhook`], nowMs: () => 0, wait: async () => undefined };
    await drain(stack, { ...closed, tell: () => undefined });
    const printed = await serverless('deploy');
    expect(printed).toContain('No changes to deploy');
    expect((await account.functions()).map(({ LastModified }) => LastModified)).toEqual(before);
    expect(printed).toContain(`Opened again what a removal had closed: ${STACK}-webhook, the cluster`);
    const FunctionName = `${STACK}-webhook`;
    const { ReservedConcurrentExecutions } = await account.lambda.send(
      new GetFunctionConcurrencyCommand({ FunctionName }),
    );
    expect(ReservedConcurrentExecutions).toBeUndefined();
  });

  it('should remove everything, the tasks that run first', async () => {
    const taskArn = await runTask();
    const made = await account.watchVpc();
    const printed = await serverless('remove');
    expect(printed).toContain('Waiting for 1 task to stop');
    expect(printed).toContain(`Deleting what GuardDuty put into the network: ${made.join(', ')}`);
    const { tasks } = await account.ecs.send(new DescribeTasksCommand({ cluster: STACK, tasks: [taskArn] }));
    expect(tasks?.map(({ lastStatus }) => lastStatus)).toEqual(['STOPPED']);
    const { roles, ...others } = await account.inventory();
    // IAM's own spelling is AWSServiceRoleForECS; it is the account's and stays.
    expect(roles).toEqual(['AWSServiceRoleForecs']);
    for (const [kind, left] of Object.entries(others)) expect(left, kind).toEqual([]);
  });

  /** Of a definition of its own: moto launches none whose container has no size, as ours, and by no capacity provider. */
  async function runTask(): Promise<string> {
    const container = { name: 'runner', image: 'runner', memory: 512 };
    await account.ecs.send(
      new RegisterTaskDefinitionCommand({ family: 'stand-in', containerDefinitions: [container] }),
    );
    const { tasks } = await account.ecs.send(
      new RunTaskCommand({ cluster: STACK, taskDefinition: 'stand-in', launchType: 'FARGATE' }),
    );
    return tasks?.[0]?.taskArn ?? '';
  }
});
