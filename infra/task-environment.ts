import { type Expression, list } from './derive.ts';
import type { Parameters, RawParameters } from './parameters.ts';
import type { RunnerLimits } from './runners.ts';

/** A variable of a container definition. */
interface Variable {
  readonly Name: string;
  readonly Value: string | Expression;
}

/** What the supervisor, the runner and ECS set themselves. Another value would break a task, or be overwritten. */
const TAKEN =
  /^(ONESHOT_|ECS_|AWS_CONTAINER_|AWS_ENDPOINT_URL|ACTIONS_RUNNER_(INPUT|RETURN|PRINT_LOG)_|BASH_)|^(AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|RUNNER_PERFLOG|(https?|no)_proxy)$/;
/** Credentials by their names, and a URL with a password in it. */
const SECRET_NAME =
  /(^|_)(PASSWORD|PASSWD|SECRETS?|TOKEN|CREDENTIALS?|API_?KEY|ACCESS_KEY|PRIVATE_KEY|PAT)(_|$)/i;
const SECRET_VALUE = /:\/\/[^/@\s]*:[^/@\s]+@/;
/** A task definition has 64 KiB, most of which the supervisor takes. */
const MOST_CHARACTERS = 8192;

const NAME = 'environment';
const FORM = 'give names and values, like {"TZ":"Europe/Berlin"}, or leave it empty';

/**
 * What is wrong with the parameter `environment`. It names variables but quotes no values: one may be the refused
 * secret.
 */
export function environment(given: string): string[] {
  const variables = read(given);
  if (variables === undefined) return [`${NAME}: it is not a mapping of names to texts; ${FORM}`];
  const size = JSON.stringify(variables).length;
  return [
    ...Object.entries(variables).flatMap(([name, value]) => problemOf(name, value)),
    ...(size > MOST_CHARACTERS
      ? [
          `${NAME}: it has ${size} characters, but a task definition has room for ${MOST_CHARACTERS}: give less`,
        ]
      : []),
  ];
}

function problemOf(name: string, value: unknown): string[] {
  const because = (what: string) => [`${NAME}: ${name} ${what}`];
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    return because('is not the name of a variable: use letters, digits and _');
  if (TAKEN.test(name)) return because('is set by oneshot, the runner or ECS: choose another name');
  if (SECRET_NAME.test(name) || SECRET_VALUE.test(String(value)))
    return because(
      'looks like a secret. Anybody who may describe a task definition can read it: use GitHub’s secrets instead',
    );
  if (!['string', 'number', 'boolean'].includes(typeof value))
    return because('is not text: put quotes around it');
  if (/\p{Cc}|\$\{/u.test(String(value))) return because('has a line break, a control character or ${ in it');
  return [];
}

/** `undefined` for anything that is not a mapping. */
function read(given: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(given || '{}');
    const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isMapping ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** China and the sovereign clouds have suffixes of their own, and dual-stack endpoints another. */
const kmsUrl = ({ kmsService }: Parameters): Expression => ({
  'Fn::Sub': [
    `https://${kmsService}.\${AWS::Region}.\${Suffix}`,
    { Suffix: { 'Fn::If': ['UsesDualStack', DUAL_STACK_SUFFIX, { Ref: 'AWS::URLSuffix' }] } },
  ],
});
const DUAL_STACK_SUFFIX = { 'Fn::FindInMap': ['Partition', { Ref: 'AWS::Partition' }, 'DualStackSuffix'] };

/** curl, git, the runner and what it starts read the lower case names; the supervisor makes files of the authorities. */
const closedNetwork = ({ httpProxy, noProxy, caBundle, caBundleIs }: Parameters) => ({
  ...(httpProxy !== '' && { http_proxy: httpProxy, https_proxy: httpProxy, no_proxy: noProxy }),
  ...(caBundleIs === 'given' && { ONESHOT_CA_BUNDLE: caBundle }),
});

/** What every container of this deployment has in its environment, and what the parameter `environment` adds. */
export function taskEnvironment(
  stack: string,
  runners: RunnerLimits,
  raw: RawParameters,
  parameters: Parameters,
): Variable[] {
  const variables = {
    ...read(raw.environment),
    ONESHOT_STACK: stack,
    ONESHOT_KMS_URL: kmsUrl(parameters),
    ...closedNetwork(parameters),
    ONESHOT_IDLE_TIMEOUT_SECONDS: runners.idleSeconds,
    ONESHOT_ASSIGNMENT_TIMEOUT_SECONDS: '60',
    ONESHOT_CONNECT_TIMEOUT_SECONDS: '300',
    ONESHOT_MAXIMUM_AGE_SECONDS: runners.maximumAgeSeconds,
    ONESHOT_RUNNER_ROOT: '/home/runner',
    ONESHOT_DIAGNOSTICS: raw.diagnostics === 'enabled' ? '1' : '0',
    // What is granted to jobs is of no use to a step whose SDK does not find the task's credentials.
    ...(list(`${raw.jobBuckets},${raw.jobPolicies}`).length > 0 && { ONESHOT_JOB_CREDENTIALS: '1' }),
  };
  return asVariables(variables);
}

const asVariables = (variables: Readonly<Record<string, unknown>>): Variable[] =>
  Object.entries(variables).map(([Name, value]) => ({
    Name,
    Value: typeof value === 'object' && value !== null ? (value as Expression) : String(value),
  }));

/** How long a daemon may take to answer: it starts beside the runner, which takes a few seconds as a rule. */
const DOCKER_TIMEOUT_SECONDS = 120;

/** What a task with Docker has in its environment: that of every task, and where the daemon is (infra/docker.yml). */
export function dockerTaskEnvironment(ofEveryTask: readonly Variable[], storageGiB: number): Variable[] {
  const variables = {
    DOCKER_HOST: 'unix:///run/dockerd/docker.sock',
    // Empty: the hooks would run a job's containers without a daemon.
    ACTIONS_RUNNER_CONTAINER_HOOKS: '',
    ONESHOT_DOCKER_TIMEOUT_SECONDS: DOCKER_TIMEOUT_SECONDS,
    ONESHOT_DOCKER_STORAGE_GIB: storageGiB,
  };
  return [...ofEveryTask.filter(({ Name }) => !(Name in variables)), ...asVariables(variables)];
}

const PROXY_NAMES = ['http_proxy', 'https_proxy', 'no_proxy'];

/** What the daemon beside such a task has: the proxy, through which it pulls images. Nothing of the job's. */
export const dockerdEnvironment = (ofEveryTask: readonly Variable[]): Variable[] =>
  ofEveryTask.filter(({ Name }) => PROXY_NAMES.includes(Name));
