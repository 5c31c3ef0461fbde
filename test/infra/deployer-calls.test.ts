import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { showConsole } from '../../cli/commands/console.ts';
import { connect } from '../../cli/deployment.ts';
import { createProgram, main } from '../../cli/main.ts';
import { raiseDoubt, writeDoubt } from '../../functions/core/plan/doubt.ts';
import { clearVpc, connectVpc } from '../../infra/guardduty.ts';
import { drain, reopen } from '../../infra/removal.ts';
import { connectStack } from '../../infra/stack.ts';
import { type AccessRequest, allowing } from '../../local/aws/iam/evaluate.ts';
import { type Deployment, needsOf } from '../../local/aws/iam/needs.ts';
import type { AwsCall } from '../../local/aws/index.ts';
import { startControl } from '../../local/world/control.ts';
import type { World } from '../../local/world/start-world.ts';
import { addressPrinted, forgetApp, makeApp, submitForm } from '../cli/person.ts';
import { startTestWorld, until } from '../fixtures/world.ts';
import { BY_HAND, denied, handlerProofs, reduced } from './deployer-proofs.ts';
import { ROOT } from './osls.ts';
import type { Statement } from './template.ts';

const file = path.join(ROOT, 'infra/deployer-policy.json');
const policy: { readonly Statement: readonly Statement[] } = JSON.parse(readFileSync(file, 'utf8'));

const printed: string[] = [];
/** How each command ended. */
const ended: [command: string, code: number][] = [];
let controlUrl: string;

/** Runs a command as a person does, who prints nothing here. */
async function run(...args: string[]): Promise<void> {
  const spies = (['log', 'error'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((line) => void printed.push(String(line))),
  );
  process.exitCode = undefined;
  const code = await main(['--local', controlUrl, ...args]).finally(() => {
    process.exitCode = undefined;
    for (const spy of spies) spy.mockRestore();
  });
  ended.push([args.slice(0, 2).join(' '), code]);
}

/** Everything that looks, and what repairs by hand. */
async function operate({ aws, github, installation }: World): Promise<void> {
  const repository = `${installation.owner.login}/web`;
  const [job = 0] = github.queueRun({
    repository,
    jobs: [{ name: 'long', labels: ['fargate'], durationSeconds: 9_000 }],
  });
  await until('the job runs', () => github.jobs().some(({ status }) => status === 'in_progress'));
  await bury(aws);
  for (const line of ['status', 'doctor', 'cost', 'sweep', 'dlq list', 'dlq retry', `logs ${job}`])
    await run(...line.split(' '));
  await run('doctor', '--job', String(job));
  aws.accountState.quotas.delete('L-F678F1CE'); // one of which only the default is known
  await run('doctor', '--before-deploy');
  await run('overview');
  await run('reconcile', repository);
  await run('dlq', 'retry', '--discard');
  await showOnce();
  await run('image', 'build', '--watch');
  await useBuiltImage();
  await run('shell', aws.tasks()[0]?.startedBy ?? '');
  await run('stop', '--yes', aws.tasks()[0]?.startedBy ?? '');
}

/** The console's page, as far as its first view. */
async function showOnce(): Promise<void> {
  const target = { stage: 'local', region: undefined, local: controlUrl, githubUrl: undefined };
  const page = await showConsole(await connect(target));
  const events = await fetch(new URL('events', page.url));
  const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ''; !text.includes('"view"'); ) text += (await reader?.read())?.value ?? '';
  await reader?.cancel();
  page.close();
  ended.push(['console', 0]);
}

/** In a folder of its own, where `parameters.yml` is written. */
async function useBuiltImage(): Promise<void> {
  const [home, folder] = [process.cwd(), mkdtempSync(path.join(tmpdir(), 'oneshot-image-'))];
  process.chdir(folder);
  await run('image', 'use', 'pipeline').finally(() => process.chdir(home));
  rmSync(folder, { recursive: true });
}

/** A dead letter that is a doubt, and one that nobody can read. */
async function bury({ region, url: endpoint, operatorCredentials, queues }: World['aws']): Promise<void> {
  const sqs = new SQSClient({ region, endpoint, credentials: operatorCredentials });
  const repository = { id: 1, owner: 'acme', name: 'web', ownerType: 'Organization' } as const;
  const doubt = raiseDoubt({ ...repository, isPublic: false, installationId: 1 }, Date.now());
  for (const [group, MessageBody] of Object.entries({ doubt: writeDoubt(doubt), poison: 'no doubt' }))
    await sqs.send(
      new SendMessageCommand({
        ...{ QueueUrl: queues.deadLetters.url, MessageBody },
        ...{ MessageGroupId: group, MessageDeduplicationId: group },
      }),
    );
  sqs.destroy();
}

/** Set-up with an App that is there, up to its installation, and from nothing to the end. */
async function setUp(world: World): Promise<void> {
  forgetApp(world);
  const folder = mkdtempSync(path.join(tmpdir(), 'oneshot-key-'));
  const key = path.join(folder, 'app.pem');
  writeFileSync(key, world.privateKey);
  world.github.changeApp({ id: 123456 });
  await run('setup', '--app-id', '123456', '--private-key-file', key, '--wait', '0.001', '--no-open');
  rmSync(folder, { recursive: true });
  forgetApp(world);
  const made = run('setup', '--org', 'acme', '--no-open');
  await makeApp(await addressPrinted(printed, 'Create the App here'));
  await submitForm('', await addressPrinted(printed, 'Install the App on acme'));
  await made;
}

/** What osls does beside CloudFormation's work: the plugin's part of a removal and of a deployment. */
async function remove({ aws }: World): Promise<void> {
  const config = { region: aws.region, endpoint: aws.url, credentials: aws.deployerCredentials };
  const stack = connectStack(new LambdaClient(config), new ECSClient(config), aws.clusterArn);
  const functionNames = [...aws.accountState.functions.keys()];
  const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms / 50));
  const clock = { wait, nowMs: () => performance.now(), tell: () => {} };
  await drain(stack, { functionNames, ...clock });
  const { guardDuty, network } = aws.accountState;
  guardDuty.endpoints.set('vpce-1', 'available');
  guardDuty.groups.add('sg-9');
  await clearVpc(connectVpc(new EC2Client(config), network.vpcId), clock);
  await reopen(stack, functionNames);
}

let recorded: readonly AccessRequest[];
let deployment: Deployment;

beforeAll(async () => {
  const world = await startTestWorld({ pace: 30 });
  const control = await startControl(world);
  controlUrl = control.url;
  const calls: AwsCall[] = [];
  const { region, account, clusterArn, keyArn } = world.aws;
  deployment = { region, account, clusterArn, keyArn, stack: 'oneshot-local', taskRoles: [], sourceIp: '' };
  try {
    await world.github.ping();
    world.aws.on('call', (call) => calls.push(call));
    await operate(world);
    await setUp(world);
    await run('teardown', '--yes');
    await remove(world);
  } finally {
    control.close();
    await world.close();
  }
  const requests = calls
    .filter(({ principal }) => principal.endsWith(':user/deployer'))
    .flatMap((call) => needsOf(call, deployment));
  recorded = [...new Map(requests.map((one) => [JSON.stringify(one), one])).values()];
}, 180_000);

const actions = (requests: readonly AccessRequest[]): string[] =>
  [...new Set(requests.map(({ action }) => action))].toSorted();

const deniedBy = (statements: readonly Statement[]): string[] =>
  actions(recorded.filter((asked) => allowing(statements, asked) === undefined));

const ASK_NOBODY = ['init', 'use', 'completion'];

describe('the deployer’s policy, and what the commands call', () => {
  it('should be held against commands that came to their end', () => {
    // Doctor finds the dead letters; the tasks are without ECS Exec; nobody installs the App that is there.
    const unfinished = ended.filter(([, code]) => code !== 0);
    expect(unfinished).toEqual([
      ['doctor', 1],
      [expect.stringMatching(/^shell /), 1],
      ['setup --app-id', 2],
    ]);
    expect(ended.length).toBeGreaterThan(12);
  });

  it('should be held against every command there is', () => {
    const all = createProgram().commands.map((command) => command.name());
    const recordedCommands = ended.map(([command]) => command.split(' ')[0] ?? '');
    // test/world/long/deployer.test.ts has the others.
    expect([...new Set([...recordedCommands, ...ASK_NOBODY, 'deploy', 'upgrade'])].toSorted()).toEqual(
      all.toSorted(),
    );
  });

  it('should allow every call of every command', () => {
    expect(deniedBy(policy.Statement)).toEqual([]);
  });

  it('should be told of each service and of the key by what was recorded', () => {
    expect(actions(recorded)).toEqual(
      expect.arrayContaining([
        ...['kms:Decrypt', 'kms:Encrypt', 'ssm:PutParameter', 'ssm:DeleteParameters'],
        ...['ecs:StopTask', 'ecs:PutClusterCapacityProviders', 'lambda:PutFunctionConcurrency'],
        ...['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:SendMessage', 'logs:FilterLogEvents'],
        ...['ec2:DescribeRouteTables', 'cloudformation:DescribeStacks', 'ssm:GetParametersByPath'],
        ...['ec2:DescribeSubnets', 'iam:SimulatePrincipalPolicy', 'lambda:GetAccountSettings'],
      ]),
    );
  });

  it('should have nothing to spare: without any action, or any resource, something is denied', async () => {
    const proofs = [...recorded, ...(await handlerProofs()), ...BY_HAND];
    const before = denied(policy.Statement, proofs).length;
    const idle = reduced(policy.Statement).filter(([, rest]) => denied(rest, proofs).length === before);
    expect(idle.map(([what]) => what)).toEqual([]);
  }, 300_000);

  it.each(['amazonaws.com', 'amazonaws.com.cn', 'amazonaws.eu'])(
    'should store and read parameters where services end in %s',
    (suffix) => {
      const keyUses = recorded.filter(({ action }) => action.startsWith('kms:'));
      expect(keyUses.length).toBeGreaterThan(1);
      for (const asked of keyUses) {
        const context = { ...asked.context, 'kms:ViaService': `ssm.eu-west-1.${suffix}` };
        expect(allowing(policy.Statement, { ...asked, context })).toBeDefined();
      }
    },
  );

  it.each([
    [
      'another parameter',
      { 'kms:EncryptionContext:PARAMETER_ARN': 'arn:aws:ssm:us-east-1:1:parameter/payroll' },
    ],
    ['another service', { 'kms:ViaService': 's3.us-east-1.amazonaws.com' }],
    ['a sealed JIT config', { 'kms:EncryptionContext:PARAMETER_ARN': undefined }],
  ])(
    'should open nothing with the key but our parameters, through the Parameter Store: not %s',
    (_, changes) => {
      const decrypt = recorded.find(({ action }) => action === 'kms:Decrypt');
      if (decrypt === undefined) throw new Error('no kms:Decrypt was recorded');
      const changed = Object.entries({ ...decrypt.context, ...changes }).filter(
        ([, value]) => value !== undefined,
      );
      const context = Object.fromEntries(changed) as AccessRequest['context'];
      expect(allowing(policy.Statement, { ...decrypt, context })).toBeUndefined();
    },
  );

  it('should be found so by another evaluator too, but for encryption contexts, which it does not know', async () => {
    const asked = recorded.filter(({ action }) => !action.startsWith('kms:'));
    const answers = await Promise.all(asked.map(async (one) => `${one.action} ${await simulated(one)}`));
    expect(answers.length).toBeGreaterThan(20);
    expect(answers.filter((answer) => !answer.endsWith(' "Allowed"'))).toEqual([]);
  });
});

async function simulated({ action, resource, context }: AccessRequest): Promise<string> {
  const answer = await runSimulation(
    {
      request: {
        principal: `arn:aws:iam::${deployment.account}:user/deployer`,
        action,
        resource: { resource, accountId: deployment.account },
        contextVariables: context as Record<string, string | string[]>,
      },
      identityPolicies: [{ name: 'deployer', policy }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  return JSON.stringify(answer.resultType === 'error' ? answer.errors : answer.overallResult);
}
