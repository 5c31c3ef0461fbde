import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Doubt, deduplicationIdOf } from '../../functions/core/plan/doubt.ts';
import { readRunnerLimits } from '../../infra/runners.ts';
import { readDeployment } from '../../local/world/deployment.ts';
import { type Packaged, packageService } from './package-service.ts';
import { asList, at, ofType, properties, statementsOf } from './template.ts';

const LIMITS = readRunnerLimits(path.join(import.meta.dirname, '../../runners.yml'));

let packaged: Packaged;
let production: Packaged;

beforeAll(async () => {
  packaged = await packageService();
  production = await packageService({
    entrypoint: 'exit',
    flags: ['--stage', 'prod', '--region', 'eu-central-1'],
    parameters: {
      logRetentionDays: '7',
      containerInsights: 'enhanced',
      githubApiUrl: 'https://github.example.com/api/v3',
      alarmTopics: 'arn:aws:sns:eu-central-1:123456789012:alarms',
      environment: '{"TZ":"Europe/Berlin","NO_PROXY":"a,b"}',
    },
  });
}, 120_000);

/** Of an archive's central directory: each entry has its name 46 bytes after `PK\1\2` (PKZIP APPNOTE 4.3.12). */
async function filesIn(zip: string): Promise<string[]> {
  const bytes = await readFile(path.join(packaged.directory, zip));
  const names: string[] = [];
  for (let i = bytes.indexOf('PK\u0001\u0002'); i >= 0; i = bytes.indexOf('PK\u0001\u0002', i + 46))
    names.push(bytes.toString('utf8', i + 46, i + 46 + bytes.readUInt16LE(i + 28)));
  return names.toSorted();
}

const FUNCTIONS = [
  { name: 'webhook', folder: 'webhook', id: 'Webhook', timeout: 10, memory: 256 },
  { name: 'reconcile', folder: 'reconcile', id: 'Reconcile', timeout: 420, memory: 512 },
  { name: 'settle', folder: 'settle', id: 'Settle', timeout: 15, memory: 192 },
  // Builds of the runner image take their smoke test from its code.
  { name: 'sweep', folder: 'sweep', id: 'Sweep', timeout: 50, memory: 384, more: ['dist/smoke/github.mjs'] },
];

describe('the weekly summary', () => {
  const TOPIC = 'arn:aws:sns:us-east-1:123456789012:alarms';
  const ours = (template: Packaged['resolved']) =>
    Object.keys(template.Resources)
      .filter((name) => name.startsWith('Summary'))
      .toSorted();

  it('should be no part of a deployment that did not ask for it', () => {
    expect(ours(packaged.resolved)).toEqual([]);
    expect(JSON.stringify(Object.keys(packaged.template.Resources))).not.toMatch(
      /SummaryLambda|SummaryLogGroup/,
    );
  });

  it('should be told to the topics of the alarms each Monday, by a role that can do no more', async () => {
    const { resolved } = await packageService({
      parameters: { weeklySummary: 'enabled', alarmTopics: TOPIC, alarmEmail: 'ops@example.com' },
    });
    expect(ours(resolved)).toEqual([
      'SummaryAlarm',
      'SummaryEventsRuleSchedule1',
      'SummaryLambdaEvConf',
      'SummaryLambdaFunction',
      'SummaryLambdaPermissionEventsRuleSchedule1',
      'SummaryLogGroup',
      'SummaryRole',
    ]);
    const { FunctionName, Environment, Timeout } = properties(resolved, 'SummaryLambdaFunction');
    const local = readDeployment({ weeklySummary: true }).functions.find(({ name }) => name === 'summary');
    expect([FunctionName, Timeout]).toEqual(['oneshot-dev-summary', local?.timeoutSeconds]);
    const topics = [TOPIC, { Ref: 'AlarmTopic' }];
    expect(at(Environment, 'Variables')).toEqual({
      ...{ ONESHOT_STACK: 'oneshot-dev', ONESHOT_STAGE: 'dev' },
      ONESHOT_SUMMARY_TOPICS: { 'Fn::Join': [',', topics] },
    });
    expect(properties(resolved, 'SummaryEventsRuleSchedule1')).toMatchObject({
      ...{ ScheduleExpression: 'cron(0 7 ? * MON *)', State: 'ENABLED' },
    });
    expect(properties(resolved, 'SummaryAlarm')).toMatchObject({
      Dimensions: [{ Name: 'FunctionName', Value: FunctionName }],
      AlarmActions: topics,
    });
    expect(statementsOf(resolved, 'SummaryRole').map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [['logs:CreateLogStream', 'logs:PutLogEvents'], expect.anything()],
      ['cloudwatch:GetMetricData', '*'],
      ['sns:Publish', topics],
    ]);
  });
});

describe.each(FUNCTIONS)('the function $name', ({ name, folder, id, timeout, memory, more = [] }) => {
  const logicalId = `${id}LambdaFunction`;

  it('should run its bundle on the Node that Lambda has, under its own role', () => {
    expect(properties(packaged.resolved, logicalId)).toMatchObject({
      FunctionName: `oneshot-dev-${name}`,
      Handler: `dist/${folder}/index.handler`,
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Timeout: timeout,
      MemorySize: memory,
      Role: { 'Fn::GetAtt': [`${id}Role`, 'Arn'] },
    });
  });

  it('should have the same limits in the embedded world', () => {
    const local = readDeployment({ weeklySummary: true }).functions.find(
      (definition) => definition.name === name,
    );
    expect(local).toMatchObject({ timeoutSeconds: timeout, memoryMiB: memory });
  });

  it('should bring its bundle and nothing else', async () => {
    const files = ['index.js', 'index.js.map', 'package.json'].map((file) => `dist/${folder}/${file}`);
    expect(await filesIn(`${name}.zip`)).toEqual([...more, ...files]);
  });

  it('should be told what it needs, and no more', () => {
    const variables = at(properties(packaged.resolved, logicalId), 'Environment', 'Variables');
    expect(Object.keys(Object(variables)).toSorted()).toEqual([
      'GITHUB_API_URL',
      'ONESHOT_ASSIGN_PUBLIC_IP',
      'ONESHOT_CLUSTER',
      'ONESHOT_DEAD_DOUBT_QUEUE_URL',
      'ONESHOT_DOUBT_QUEUE_URL',
      'ONESHOT_EXEC_COMMAND',
      'ONESHOT_IMAGE',
      'ONESHOT_KEY_ARN',
      'ONESHOT_PARAMETER_PATH',
      'ONESHOT_RUNNER_PREFIX',
      'ONESHOT_SECURITY_GROUPS',
      'ONESHOT_STACK',
      'ONESHOT_STAGE',
      'ONESHOT_SUBNETS',
      'ONESHOT_TASK_DEFINITION_ARM64',
      'ONESHOT_TASK_DEFINITION_X64',
    ]);
    expect(variables).toMatchObject({
      ONESHOT_STACK: 'oneshot-dev',
      ONESHOT_PARAMETER_PATH: '/oneshot/dev/github',
      ONESHOT_TASK_DEFINITION_ARM64: { Ref: 'TaskDefinitionArm64' },
      ONESHOT_CLUSTER: { 'Fn::GetAtt': ['Cluster', 'Arn'] },
      ONESHOT_DEAD_DOUBT_QUEUE_URL: { Ref: 'DeadDoubtQueue' },
      ONESHOT_DOUBT_QUEUE_URL: { Ref: 'DoubtQueue' },
      GITHUB_API_URL: 'https://api.github.com',
    });
  });

  it('should hold a handler that Node can load', () => {
    const script = 'console.log(typeof require("./index.js").handler)';
    const options = { cwd: path.join(packaged.directory, '../dist', folder), encoding: 'utf8' } as const;
    expect(execFileSync(process.execPath, ['-e', script], options).trim()).toBe('function');
  });
});

/** What CloudFormation makes of the functions that the prefix is written with (user guide, Intrinsic functions). */
function evaluated(value: unknown, stackId: string): string {
  const [name, given] = typeof value === 'object' && value !== null ? (Object.entries(value)[0] ?? []) : [];
  if (name === undefined) return String(value);
  const [first, second] = asList(given);
  if (name === 'Ref' && given === 'AWS::StackId') return stackId;
  if (name === 'Fn::Join')
    return asList(second)
      .map((one) => evaluated(one, stackId))
      .join(String(first));
  const [separator, text] = asList(at(second, 'Fn::Split'));
  if (name === 'Fn::Select') return evaluated(text, stackId).split(String(separator))[Number(first)] ?? '';
  throw new Error(`teach this test ${name}`);
}

describe('another partition', () => {
  it('should find no address that ends in amazonaws.com, but for the names of services', () => {
    const text = JSON.stringify(packaged.resolved);
    const NAMES = /"(?:apigateway|codebuild|ecs-tasks|events|lambda)\.amazonaws\.com"/g;
    expect(text.replaceAll(NAMES, '').match(/.{0,40}amazonaws\.com.{0,20}/g) ?? []).toEqual([]);
  });
});

describe('the same stage in a second region', () => {
  /** Whose names are those of an account, or of all accounts, in every region. */
  const GLOBAL = /^AWS::(?:IAM::(?!RolePolicy)|(?:S3|CloudFront|Route53)::)|^AWS::CloudWatch::Dashboard$/;
  const NAMES = ['RoleName', 'ManagedPolicyName', 'BucketName', 'DashboardName'];

  it('should give runners names of its own: they begin with digits of the stack’s id too', () => {
    const { Outputs, Resources } = packaged.resolved;
    const prefix = at(
      Resources['SweepLambdaFunction'],
      'Properties',
      'Environment',
      'Variables',
      'ONESHOT_RUNNER_PREFIX',
    );
    expect(prefix).toEqual(at(Outputs, 'RunnerPrefix', 'Value'));
    const stackId =
      'arn:aws:cloudformation:eu-west-1:123456789012:stack/oneshot-dev/51af3dc0-da77-11e4-872e-1234567db123';
    expect(evaluated(prefix, stackId)).toBe('oneshot-dev-51af3dc0');
  });

  it('should find no name taken: each that is global has the region in it', () => {
    // Conditions undecided: the resources of all variants.
    const named = Object.entries(packaged.template.Resources)
      .filter(([, { Type }]) => GLOBAL.test(Type))
      .flatMap(([id, { Properties }]) =>
        NAMES.flatMap((name) => (name in Properties ? [[id, Properties[name]]] : [])),
      );
    expect(named.map(([id]) => id)).toEqual(expect.arrayContaining(['Dashboard', 'TaskRole']));
    for (const [id, name] of named)
      expect([id, JSON.stringify(name)]).toEqual([id, expect.stringContaining('AWS::Region')]);
  });
});

describe('the HTTP API', () => {
  it('should hand POST /webhook to the function, in payload version 2.0', () => {
    expect(
      ofType(packaged.resolved, 'AWS::ApiGatewayV2::Route').map(([, route]) => route['RouteKey']),
    ).toEqual(['POST /webhook']);
    expect(properties(packaged.resolved, 'HttpApiIntegrationWebhook')['PayloadFormatVersion']).toBe('2.0');
  });

  it('should be throttled', () => {
    expect(properties(packaged.resolved, 'HttpApiStage')['DefaultRouteSettings']).toMatchObject({
      ThrottlingRateLimit: 50,
      ThrottlingBurstLimit: 300,
    });
  });

  it('should log each call as one line of JSON, below /aws/vendedlogs/', () => {
    const format = at(properties(packaged.resolved, 'HttpApiStage'), 'AccessLogSettings', 'Format');
    expect(Object.keys(JSON.parse(String(format)))).toContain('status');
    expect(format).not.toContain('\n');
    expect(properties(packaged.resolved, 'HttpApiLogGroup')['LogGroupName']).toBe(
      '/aws/vendedlogs/oneshot-dev/webhook-access',
    );
  });
});

describe('the schedule', () => {
  it('should start a sweep each minute, and never the same one again', () => {
    expect(properties(packaged.resolved, 'SweepEventsRuleSchedule1')).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
    });
    expect(properties(packaged.resolved, 'SweepLambdaEvConf')['MaximumRetryAttempts']).toBe(0);
  });
});

describe('the event of a stopped task', () => {
  const rule = () =>
    ofType(packaged.resolved, 'AWS::Events::Rule').find(([, { EventPattern }]) => EventPattern)?.[1];

  it('should reach its function from our cluster only, and for stopped tasks only', () => {
    expect(rule()?.['EventPattern']).toEqual({
      source: ['aws.ecs'],
      'detail-type': ['ECS Task State Change'],
      detail: { clusterArn: [{ 'Fn::GetAtt': ['Cluster', 'Arn'] }], lastStatus: ['STOPPED'] },
    });
    expect(at(rule(), 'Targets', 0, 'Arn')).toEqual({ 'Fn::GetAtt': ['SettleLambdaFunction', 'Arn'] });
  });

  it('should be tried twice more when the function fails', () => {
    expect(properties(packaged.resolved, 'SettleLambdaEvConf')['MaximumRetryAttempts']).toBe(2);
  });
});

describe('the doubt queue', () => {
  const queue = () => properties(packaged.resolved, 'DoubtQueue');
  const deadLetters = () => properties(packaged.resolved, 'DeadDoubtQueue');

  it('should hand one doubt at a time to reconcile, five at once, each with an outcome of its own', () => {
    const [[, mapping] = []] = ofType(packaged.resolved, 'AWS::Lambda::EventSourceMapping');
    expect(mapping).toMatchObject({
      EventSourceArn: { 'Fn::GetAtt': ['DoubtQueue', 'Arn'] },
      FunctionName: { 'Fn::GetAtt': ['ReconcileLambdaFunction', 'Arn'] },
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 5 },
      Enabled: true,
    });
  });

  it('should hide a doubt for as long as reconcile may take, and hardly longer', () => {
    const timeout = Number(properties(packaged.resolved, 'ReconcileLambdaFunction')['Timeout']);
    // Lambda refuses an event source whose queue hides messages for less.
    expect(queue()['VisibilityTimeout']).toBeGreaterThanOrEqual(timeout);
    expect(queue()['VisibilityTimeout']).toBeLessThanOrEqual(timeout + 60);
  });

  it('should delay doubts past the 15 seconds in which two of one repository are one', () => {
    expect(queue()).toMatchObject({ FifoQueue: true, ContentBasedDeduplication: false, DelaySeconds: 20 });
    const doubt = { repository: { id: 1 }, jobIds: [1], sends: 0 } as unknown as Doubt;
    const [first, last, next] = [0, 14_999, 15_000].map((nowMs) => deduplicationIdOf(doubt, nowMs));
    expect(last).toBe(first);
    expect(next).not.toBe(first);
  });

  it('should keep what fails three times for 14 days, in a queue that takes it from there only', () => {
    expect(queue()['RedrivePolicy']).toEqual({
      deadLetterTargetArn: { 'Fn::GetAtt': ['DeadDoubtQueue', 'Arn'] },
      maxReceiveCount: 3,
    });
    expect(deadLetters()).toMatchObject({ FifoQueue: true, MessageRetentionPeriod: 14 * 86_400 });
    const [source] = at(deadLetters(), 'RedriveAllowPolicy', 'sourceQueueArns') as unknown[];
    expect(at(source, 'Fn::Sub')).toMatch(new RegExp(`:${String(queue()['QueueName'])}$`));
  });

  it.each(['DoubtQueue', 'DeadDoubtQueue'])(
    'should be encrypted, and closed to callers without TLS: %s',
    (name) => {
      expect(properties(packaged.resolved, name)['SqsManagedSseEnabled']).toBe(true);
      const policy = properties(packaged.resolved, `${name}Policy`);
      expect(policy['Queues']).toEqual([{ Ref: name }]);
      expect(at(policy, 'PolicyDocument', 'Statement')).toEqual([
        expect.objectContaining({
          Effect: 'Deny',
          Principal: '*',
          Action: 'sqs:*',
          Resource: { 'Fn::GetAtt': [name, 'Arn'] },
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      ]);
    },
  );
});

describe.each(['TaskDefinitionX64', 'TaskDefinitionArm64'])('the task definition %s', (name) => {
  const definition = () => properties(packaged.resolved, name);
  const container = () => at(definition(), 'ContainerDefinitions', 0);

  it('should be for Fargate and its architecture', () => {
    const arm = name.endsWith('Arm64');
    expect(definition()).toMatchObject({
      Family: arm ? 'oneshot-dev-arm64' : 'oneshot-dev-x64',
      RuntimePlatform: { CpuArchitecture: arm ? 'ARM64' : 'X86_64', OperatingSystemFamily: 'LINUX' },
      RequiresCompatibilities: ['FARGATE'],
      NetworkMode: 'awsvpc',
    });
  });

  it('should leave size, user and PID 1 to the launch, the image and the entrypoint', () => {
    for (const key of ['Cpu', 'Memory', 'MemoryReservation', 'User', 'LinuxParameters'])
      expect(container()).not.toHaveProperty(key);
    expect(at(container(), 'EntryPoint')).toEqual(['/bin/bash', '-c']);
  });

  it('should be one container named runner, of an image with a tag, with two minutes to stop', () => {
    expect(definition()['ContainerDefinitions']).toHaveLength(1);
    expect(container()).toMatchObject({
      Name: 'runner',
      Image: 'ghcr.io/actions/actions-runner:2.336.0',
      StopTimeout: 120,
    });
  });

  const variables = (of: unknown) => {
    const entries = at(of, 'Environment') as { Name: string; Value: string }[];
    return Object.fromEntries(entries.map(({ Name, Value }) => [Name, Value]));
  };

  it('should tell the supervisor the times of runners.yml', () => {
    expect(variables(container())).toEqual({
      ONESHOT_STACK: 'oneshot-dev',
      ONESHOT_DIAGNOSTICS: '0',
      ONESHOT_KMS_URL: expect.anything(), // partitions.test.ts
      ONESHOT_IDLE_TIMEOUT_SECONDS: LIMITS.idleSeconds,
      ONESHOT_ASSIGNMENT_TIMEOUT_SECONDS: '60',
      ONESHOT_CONNECT_TIMEOUT_SECONDS: '300',
      ONESHOT_MAXIMUM_AGE_SECONDS: LIMITS.maximumAgeSeconds,
      ONESHOT_RUNNER_ROOT: '/home/runner',
    });
  });

  it.each(['X64', 'Arm64'])('should have the variables of the parameter too (%s)', (architecture) => {
    const definition = properties(production.resolved, `TaskDefinition${architecture}`);
    expect(variables(at(definition, 'ContainerDefinitions', 0))).toMatchObject({
      TZ: 'Europe/Berlin',
      NO_PROXY: 'a,b',
      ONESHOT_STACK: 'oneshot-prod',
    });
  });

  it('should never make a job wait for its log', () => {
    expect(at(container(), 'LogConfiguration', 'Options')).toMatchObject({
      'awslogs-group': { Ref: 'RunnerLogGroup' },
      mode: 'non-blocking',
      'max-buffer-size': '4m',
    });
  });
});

describe('the cluster', () => {
  it('should offer on-demand and Spot capacity', () => {
    expect(properties(packaged.resolved, 'Cluster')['CapacityProviders']).toEqual([
      'FARGATE',
      'FARGATE_SPOT',
    ]);
  });

  it('should declare the log group that Container Insights would leave behind', () => {
    expect(packaged.resolved.Resources).not.toHaveProperty('ContainerInsightsLogGroup');
    expect(properties(production.resolved, 'ContainerInsightsLogGroup')['LogGroupName']).toBe(
      '/aws/ecs/containerinsights/oneshot-prod/performance',
    );
  });

  it('should make that log group before the cluster, so that ECS does not', () => {
    expect(JSON.stringify(properties(production.resolved, 'Cluster'))).toContain(
      '{"Ref":"ContainerInsightsLogGroup"}',
    );
  });
});

describe('the whole stack', () => {
  it('should keep no log forever', () => {
    const retention = (of: Packaged) =>
      ofType(of.resolved, 'AWS::Logs::LogGroup').map(([, group]) => group['RetentionInDays']);
    expect(retention(packaged)).toEqual(Array(6).fill(30));
    expect(retention(production)).toEqual(Array(7).fill(7));
  });

  it('should carry its name as a tag on all that can have one', async () => {
    const state = JSON.parse(await readFile(path.join(packaged.directory, 'serverless-state.json'), 'utf8'));
    const provider = at(state, 'service', 'provider');
    expect(at(provider, 'stackTags')).toEqual({ 'oneshot:stack': 'oneshot-dev' });
    expect(properties(packaged.resolved, 'TaskDefinitionX64')['Tags']).toEqual([
      { Key: 'oneshot:stack', Value: 'oneshot-dev' },
    ]);
  });

  it('should have nothing of another stage, so that several live in one account and region', () => {
    const text = JSON.stringify(production.template);
    expect(text).not.toContain('oneshot-dev');
    expect(text).not.toContain('/oneshot/dev');
    expect(text).toContain('https://github.example.com/api/v3');
  });

  it('should name what set-up and operations ask for', () => {
    expect(Object.keys(packaged.resolved.Outputs)).toEqual(
      expect.arrayContaining(['WebhookUrl', 'ClusterName', 'RunnerLogGroup', 'KeyAlias', 'TaskSubnets']),
    );
  });
});
