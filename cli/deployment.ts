import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient } from '@aws-sdk/client-ecs';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createParameterStore, type ParameterStore } from '../functions/aws/parameters.ts';
import type { GitHubApp } from '../functions/github/app.ts';
import { keepGitHubApp } from '../functions/stage/github.ts';
import { type AwsConfig, awsConfig, awsError, requireRegion } from './aws.ts';
import { CliError, EXIT } from './errors.ts';
import { urlsOfApi, urlsOfWeb } from './github-urls.ts';
import { askWorld } from './local-world.ts';

/** Which deployment a command is about: one stage in one region, or the embedded world. */
export interface DeploymentChoice {
  readonly stage: string;
  readonly region: string | undefined;
  /** For the words only: the process acts as it already (where/profile.ts). */
  readonly profile?: string | undefined;
  /** An address that `npm start -- --keep` prints: of its page or of its control server. */
  readonly local: string | undefined;
  readonly githubUrl: string | undefined;
}

/** What is named after a deployment, and how it is reached. */
interface Addresses {
  readonly stack: string;
  /** What the names of its runners begin with. */
  readonly runnerPrefix: string;
  readonly region: string;
  readonly parameterPath: string;
  readonly clusterArn: string;
  readonly doubtQueueUrl: string;
  readonly deadDoubtQueueUrl: string;
  readonly webhookUrl: string;
  readonly dashboardUrl: string | undefined;
  readonly githubApiUrl: string;
  /** Where people go: https://github.com. */
  readonly githubWebUrl: string;
  /** Log group of a function, by its name in serverless.yml. */
  readonly logGroupOf: (functionName: string) => string;
  readonly runnerLogGroup: string;
}

/** One deployment, with clients that are made when they are asked for. */
export interface Deployment extends Addresses {
  readonly isLocal: boolean;
  /** The control server of the embedded world, where it is that. */
  readonly controlUrl: string | undefined;
  /** For clients besides those below. */
  readonly aws: AwsConfig;
  readonly ecs: ECSClient;
  readonly sqs: SQSClient;
  readonly ssm: SSMClient;
  readonly logs: CloudWatchLogsClient;
  readonly parameters: ParameterStore;
  github(): Promise<GitHubApp>;
  now(): number;
}

/** The stage is not deployed. */
export class NoStack extends CliError {}

/** The stack is there without the outputs by which a deployment is found. */
export class IncompleteStack extends CliError {}

/** Where a stage's App parameters are, as serverless.yml says. */
export const parameterPathOf = (stage: string): string => `/oneshot/${stage}/github`;

/** The name of a stage's stack, as serverless.yml makes it. */
export const stackOf = (stage: string): string => `oneshot-${stage}`;

/** Throws CliError where there is no such deployment or nobody to ask for it. */
export async function connect(choice: DeploymentChoice): Promise<Deployment> {
  return choice.local === undefined ? connectStage(choice) : connectLocal(choice.local);
}

async function connectStage(choice: DeploymentChoice): Promise<Deployment> {
  const config = awsConfig(choice.region);
  const cloudFormation = new CloudFormationClient(config);
  const region = await requireRegion(cloudFormation);
  const stack = stackOf(choice.stage);
  const outputs = await readOutputs(cloudFormation, stack, region);
  const output = (name: string): string => {
    const value = outputs.get(name);
    if (value !== undefined) return value;
    throw new IncompleteStack(
      `the stack ${stack} has no output ${name}`,
      'its deployment failed, or it is older than this program: deploy again, or remove it (oneshot teardown)',
    );
  };
  const parameterPath = parameterPathOf(choice.stage);
  // As it was deployed, unless the command line says otherwise.
  const github =
    choice.githubUrl === undefined
      ? urlsOfApi(outputs.get('GitHubApiUrl') ?? 'https://api.github.com')
      : urlsOfWeb(choice.githubUrl);
  const addresses: Addresses = {
    stack,
    region,
    parameterPath,
    runnerPrefix: output('RunnerPrefix'),
    clusterArn: output('ClusterName'),
    doubtQueueUrl: output('DoubtQueueUrl'),
    deadDoubtQueueUrl: output('DeadDoubtQueueUrl'),
    webhookUrl: output('WebhookUrl'),
    dashboardUrl: outputs.get('DashboardUrl'),
    githubApiUrl: github.api,
    githubWebUrl: github.web,
    logGroupOf: (name) => `/aws/lambda/${stack}-${name}`,
    runnerLogGroup: output('RunnerLogGroup'),
  };
  return withClients(addresses, config, undefined, () => Date.now());
}

async function readOutputs(
  client: CloudFormationClient,
  stack: string,
  region: string,
): Promise<ReadonlyMap<string, string>> {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    const outputs = Stacks?.[0]?.Outputs ?? [];
    return new Map(outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
  } catch (cause) {
    throw stackError(cause, stack, region);
  }
}

function stackError(cause: unknown, stack: string, region: string): CliError {
  if (!/does not exist/.test(Object(cause).message))
    return awsError(cause, `AWS could not be asked for the stack ${stack}`);
  return new NoStack(
    `there is no stack ${stack} in ${region}`,
    'deploy it (oneshot deploy), or give the right --stage and --region',
    EXIT.fault,
    cause,
  );
}

/** Throws CliError where no embedded world answers. */
async function connectLocal(address: string): Promise<Deployment> {
  const { controlUrl, credentials, clock, awsUrl, ...rest } = await askWorld(address);
  const addresses: Addresses = {
    ...rest,
    githubWebUrl: rest.githubApiUrl,
    dashboardUrl: undefined,
    logGroupOf: (name) => `/aws/lambda/${rest.stack}-${name}`,
  };
  const config = { region: rest.region, endpoint: awsUrl, credentials };
  const now = () => Math.round(clock.epochMs + (Date.now() - clock.epochMs) * clock.speed);
  return withClients(addresses, config, controlUrl, now);
}

function withClients(
  addresses: Addresses,
  config: AwsConfig,
  controlUrl: string | undefined,
  now: () => number,
): Deployment {
  const ssm = new SSMClient(config);
  const parameters = createParameterStore(ssm, addresses.parameterPath, now);
  return {
    ...addresses,
    isLocal: controlUrl !== undefined,
    controlUrl,
    aws: config,
    ecs: new ECSClient(config),
    sqs: new SQSClient({ ...config, useQueueUrlAsEndpoint: true }),
    ssm,
    logs: new CloudWatchLogsClient(config),
    parameters,
    github: keepGitHubApp(parameters, addresses.githubApiUrl),
    now,
  };
}
