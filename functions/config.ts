import * as v from 'valibot';
import { LONGEST_PREFIX, PREFIX_PATTERN } from './core/job/identity.ts';
import { ConfigurationError } from './core/words/errors.ts';

/** What differs by stage. All policy is in `runners.yml`. */
export interface StageConfiguration {
  /** First half of the encryption context: `oneshot-prod`. Another region or account may have the same. */
  readonly stack: string;
  /** Prefix of every runner's name. No two deployments share one, in any region or account. */
  readonly runnerPrefix: string;
  readonly stage: string;
  /** Lambda sets it. Prices are its own. */
  readonly region: string;
  /** `/oneshot/{stage}/github`, under which the App's parameters are. */
  readonly parameterPath: string;
  readonly clusterArn: string;
  /** The runner image of the task definitions. */
  readonly image: string | undefined;
  readonly githubApiUrl: string;
  readonly doubtQueueUrl: string;
  readonly deadDoubtQueueUrl: string;
}

/** What the weekly summary needs: of all others it needs nothing. */
export interface SummaryConfiguration {
  readonly stack: string;
  readonly stage: string;
  readonly region: string;
  /** Whom it tells. */
  readonly topicArns: readonly string[];
}

/** What a function that launches needs as well. */
export interface LaunchConfiguration {
  readonly taskDefinitionArns: { readonly x64: string; readonly arm64: string };
  /** Empty where the deployment has no Docker. */
  readonly dockerTaskDefinitionArns: { readonly x64?: string; readonly arm64?: string };
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly assignPublicIp: 'ENABLED' | 'DISABLED';
  readonly enableExecuteCommand: boolean;
  readonly keyArn: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const text = (what: string) => v.pipe(v.string(`is missing: ${what}`), v.minLength(1, `is empty: ${what}`));
const arn = (service: string, what: string) =>
  v.pipe(text(what), v.regex(new RegExp(`^arn:[\\w-]+:${service}:`), `must be the ARN of ${what}`));
const list = (what: string) =>
  v.pipe(
    text(`comma-separated ${what}`),
    v.transform((value) => value.split(',').map((item) => item.trim())),
  );

const url = (what: string) => v.pipe(text(`the URL of ${what}`), v.url(`must be the URL of ${what}`));

const STAGE = v.object({
  ONESHOT_STACK: text('the stack’s name'),
  ONESHOT_RUNNER_PREFIX: v.pipe(
    text('the prefix of runner names'),
    v.regex(PREFIX_PATTERN, 'must be lower-case letters, digits and single hyphens, beginning with a letter'),
    v.maxLength(
      LONGEST_PREFIX,
      `must have at most ${LONGEST_PREFIX} characters, because a runner’s name has 64: shorten service or stage`,
    ),
  ),
  AWS_REGION: v.optional(text('the region, as Lambda sets it'), 'us-east-1'),
  ONESHOT_STAGE: text('the stage, as in serverless deploy --stage'),
  ONESHOT_PARAMETER_PATH: v.pipe(
    text('the path of the App’s parameters'),
    v.regex(/^\/.+[^/]$/, 'must begin with / and not end with it'),
  ),
  ONESHOT_CLUSTER: arn('ecs', 'the ECS cluster'),
  ONESHOT_IMAGE: v.optional(text('the runner image of the task definitions')),
  ONESHOT_DOUBT_QUEUE_URL: url('the doubt queue'),
  ONESHOT_DEAD_DOUBT_QUEUE_URL: url('the doubt queue’s dead-letter queue'),
  GITHUB_API_URL: v.optional(
    v.pipe(v.string(), v.url('must be a URL, like https://HOST/api/v3')),
    'https://api.github.com',
  ),
});

const LAUNCH = v.object({
  ONESHOT_TASK_DEFINITION_X64: arn('ecs', 'the x64 task definition’s revision'),
  ONESHOT_TASK_DEFINITION_ARM64: arn('ecs', 'the arm64 task definition’s revision'),
  ONESHOT_TASK_DEFINITION_DOCKER_X64: v.optional(arn('ecs', 'the x64 task definition with Docker')),
  ONESHOT_TASK_DEFINITION_DOCKER_ARM64: v.optional(arn('ecs', 'the arm64 task definition with Docker')),
  ONESHOT_SUBNETS: list('subnet ids'),
  ONESHOT_SECURITY_GROUPS: list('security group ids'),
  ONESHOT_ASSIGN_PUBLIC_IP: v.picklist(
    ['ENABLED', 'DISABLED'],
    'must be ENABLED (public subnets) or DISABLED',
  ),
  ONESHOT_EXEC_COMMAND: v.optional(
    v.picklist(['enabled', 'disabled'], 'must be enabled or disabled'),
    'disabled',
  ),
  ONESHOT_KEY_ARN: arn('kms', 'the stack’s KMS key'),
});

const SUMMARY = v.object({
  ONESHOT_STACK: text('the stack’s name'),
  ONESHOT_STAGE: text('the stage, as in serverless deploy --stage'),
  AWS_REGION: text('the region, which Lambda sets'),
  ONESHOT_SUMMARY_TOPICS: v.pipe(list('ARNs of SNS topics'), v.array(arn('sns', 'an SNS topic'))),
});

/** Throws ConfigurationError with every problem at once. */
export function readSummaryConfiguration(environment: Environment): SummaryConfiguration {
  const values = parse(SUMMARY, environment);
  return {
    stack: values.ONESHOT_STACK,
    stage: values.ONESHOT_STAGE,
    region: values.AWS_REGION,
    topicArns: values.ONESHOT_SUMMARY_TOPICS,
  };
}

/** Throws ConfigurationError with every problem at once. */
export function readStageConfiguration(environment: Environment): StageConfiguration {
  const values = parse(STAGE, environment);
  return {
    stack: values.ONESHOT_STACK,
    runnerPrefix: values.ONESHOT_RUNNER_PREFIX,
    stage: values.ONESHOT_STAGE,
    region: values.AWS_REGION,
    parameterPath: values.ONESHOT_PARAMETER_PATH,
    clusterArn: values.ONESHOT_CLUSTER,
    image: values.ONESHOT_IMAGE,
    doubtQueueUrl: values.ONESHOT_DOUBT_QUEUE_URL,
    deadDoubtQueueUrl: values.ONESHOT_DEAD_DOUBT_QUEUE_URL,
    githubApiUrl: values.GITHUB_API_URL.replace(/\/+$/, ''),
  };
}

/** Throws ConfigurationError with every problem at once. */
export function readLaunchConfiguration(environment: Environment): LaunchConfiguration {
  const values = parse(LAUNCH, environment);
  return {
    taskDefinitionArns: {
      x64: values.ONESHOT_TASK_DEFINITION_X64,
      arm64: values.ONESHOT_TASK_DEFINITION_ARM64,
    },
    dockerTaskDefinitionArns: dockerDefinitions(values),
    subnets: values.ONESHOT_SUBNETS,
    securityGroups: values.ONESHOT_SECURITY_GROUPS,
    assignPublicIp: values.ONESHOT_ASSIGN_PUBLIC_IP,
    enableExecuteCommand: values.ONESHOT_EXEC_COMMAND === 'enabled',
    keyArn: values.ONESHOT_KEY_ARN,
  };
}

const dockerDefinitions = (values: v.InferOutput<typeof LAUNCH>) => ({
  ...(values.ONESHOT_TASK_DEFINITION_DOCKER_X64 && { x64: values.ONESHOT_TASK_DEFINITION_DOCKER_X64 }),
  ...(values.ONESHOT_TASK_DEFINITION_DOCKER_ARM64 && { arm64: values.ONESHOT_TASK_DEFINITION_DOCKER_ARM64 }),
});

function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  environment: Environment,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, environment);
  if (result.success) return result.output;
  throw new ConfigurationError(
    'The function’s environment',
    result.issues.map(
      (issue) =>
        `${v.getDotPath(issue)} ${issue.message.startsWith('Invalid key') ? 'is missing' : issue.message}`,
    ),
  );
}
