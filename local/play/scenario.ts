import { createHmac, randomUUID } from 'node:crypto';
import { readLabels } from '../../functions/core/job/labels.ts';
import type { Policy } from '../../functions/core/job/policy.ts';
import { policyOf, widestTerms } from '../../functions/core/job/rules.ts';
import { FARGATE_SIZES } from '../../functions/core/job/sizes.ts';
import { isUnservable } from '../../functions/core/words/reasons.ts';
import type { GitHubWorld } from '../github/index.ts';
import type { Delivery, JobRequest } from '../github/types.ts';
import { dockerJobs } from '../world/docker-jobs.ts';
import { labelChoices } from '../world/label-choices.ts';
import { withRealSteps } from '../world/real-steps.ts';
import type { World } from '../world/start-world.ts';

export interface ScenarioOptions {
  /** How many jobs the matrix has. */
  readonly jobs: number;
  readonly random: () => number;
  /** Also jobs that use Docker. Default: none. */
  readonly docker?: boolean;
}

/** What is played: a matrix of jobs of several sizes in two repositories, and what real life adds to it. */
export interface Scenario {
  readonly matrix: readonly { readonly repository: string; readonly jobs: readonly JobRequest[] }[];
  /** A job that is cancelled while it is queued; with a real runner while it runs. */
  readonly cancelled: JobRequest;
  /** One of our jobs that is unservable; none where such jobs are left to wait. */
  readonly unservable: JobRequest | undefined;
  /** A job for a runner of GitHub's. */
  readonly foreign: JobRequest;
  /** Jobs that need Docker: none where none was asked for, or this machine cannot run them. */
  readonly docker: readonly JobRequest[];
}

/** Seconds that a job of the matrix runs, from and to. */
const DURATIONS = { simulated: [20, 90], real: [4, 12] } as const;

export function createScenario(world: World, policy: Policy, options: ScenarioOptions): Scenario {
  const { jobs, random } = options;
  const repositories = servedIn(world, policy);
  const [least, most] = DURATIONS[world.runner ? 'real' : 'simulated'];
  const labelsOf = ({ choices }: Partial<Served> = {}, index = 0) =>
    choices?.[index % choices.length] ?? [policy.labelPrefix];
  const job = (index: number): JobRequest => ({
    name: `test (${index + 1})`,
    labels: labelsOf(repositories[index % repositories.length], index),
    durationSeconds: Math.round(least + random() * (most - least)),
    result: random() < 0.1 ? 'failure' : 'success',
  });
  const all = Array.from({ length: jobs }, (_, index) => real(world, job(index)));
  const where = world.runner ? 'while it runs' : 'in the queue';
  const cancelled = { name: `cancelled ${where}`, labels: [policy.labelPrefix], durationSeconds: 60 };
  return {
    matrix: repositories.map(({ fullName }, index) => ({
      repository: fullName,
      jobs: all.filter((_, n) => n % repositories.length === index),
    })),
    cancelled: real(world, cancelled),
    unservable: policy.rejections.maximumPerHour > 0 ? real(world, tooLarge(policy)) : undefined,
    foreign: { name: 'lint', labels: ['ubuntu-latest'], durationSeconds: 15 },
    docker: options.docker && world.daemons.whyNone() === undefined ? dockerJobs(policy.labelPrefix) : [],
  };
}

interface Served {
  readonly fullName: string;
  /** Labels that its jobs may ask for. */
  readonly choices: readonly string[][];
}

/** The repositories that no rule refuses: their jobs would wait, and nobody would have lost them. All, where all are. */
function servedIn(world: World, policy: Policy): Served[] {
  const { owner, repositories } = world.installation;
  const all = repositories.map(({ name }) => {
    const own = policyOf({ owner: owner.login, name }, policy);
    return { fullName: `${owner.login}/${name}`, own, choices: choicesFor(world, own) };
  });
  const open = all.filter(({ own }) => own.refuse === undefined);
  return open.length > 0 ? open : all;
}

const real = ({ runner }: World, job: JobRequest): JobRequest => (runner ? withRealSteps(job) : job);

/** A real runner has this machine's processor, whatever a label asks for. */
function choicesFor({ runner }: World, policy: Policy): string[][] {
  const all = labelChoices(policy);
  if (runner === undefined) return all;
  const fitting = all.filter((labels) => {
    const reading = readLabels(labels, policy);
    return reading.kind === 'ours' && reading.given.arch === process.arch;
  });
  return fitting.length > 0 ? fitting : all;
}

function tooLarge(policy: Policy): JobRequest {
  const { labelPrefix } = policy;
  const { limits } = widestTerms(policy);
  const larger = FARGATE_SIZES.find(({ vcpu }) => vcpu > limits.vcpu);
  // Where the policy allows all that Fargate has: a size that Fargate has not.
  const label = `${labelPrefix}/cpu=${larger?.vcpu ?? 64}`;
  return { name: 'too large', labels: [label], durationSeconds: 60 };
}

/** Queues everything; resolves when the forged and the doubled delivery have been answered too. */
export async function play(world: World, scenario: Scenario, tell: (line: string) => void): Promise<void> {
  const { github } = world;
  const [first] = scenario.matrix;
  if (first === undefined) throw new Error('the scenario has no repository');
  for (const { repository, jobs } of scenario.matrix)
    if (jobs.length > 0) github.queueRun({ repository, jobs, workflow: 'CI' });
  github.queueRun({ repository: first.repository, jobs: [scenario.foreign], workflow: 'Lint' });
  if (scenario.docker.length > 0)
    github.queueRun({ repository: first.repository, jobs: scenario.docker, workflow: 'Containers' });
  if (scenario.unservable)
    github.queueRun({ repository: first.repository, jobs: [scenario.unservable], workflow: 'Heavy' });
  const [cancelled] = github.queueRun({
    repository: first.repository,
    jobs: [scenario.cancelled],
    workflow: 'Nightly',
  });
  if (cancelled !== undefined) await cancel(world, cancelled);
  tell(`a forged delivery was answered ${await sendForged(world)}`);
  tell(`a delivery that came twice was answered ${await sendAgain(world)}`);
}

/** In which state the job is cancelled, and how long after it came to it. */
const CANCELLED = { simulated: ['queued', 10_000], real: ['in_progress', 6_000] } as const;
/** How long a real runner may take to come to it. */
const COMES_WITHIN_MS = 300_000;

async function cancel({ clock, github, runner }: World, id: number): Promise<void> {
  const [status, afterMs] = CANCELLED[runner ? 'real' : 'simulated'];
  const isSo = () => github.jobs().find((job) => job.id === id)?.status === status;
  await clock.until(isSo, COMES_WITHIN_MS);
  await clock.sleep(afterMs);
  if (isSo()) github.cancelJob(id);
}

const describe = ({ status, body }: { status: number; body: string }): string => {
  const { message } = JSON.parse(body) as { message: string };
  return `${status}: ${message}`;
};

/** On a machine that is busy with other work a function may not start within GitHub's ten seconds. */
const MOST_ATTEMPTS = 3;

async function deliver(
  github: GitHubWorld,
  delivery: Parameters<GitHubWorld['deliver']>[0],
): Promise<string> {
  for (let attempt = 1; ; attempt++)
    try {
      return describe(await github.deliver(delivery));
    } catch (error) {
      if (attempt === MOST_ATTEMPTS) return `by nobody: ${error instanceof Error ? error.message : error}`;
    }
}

/** Somebody who does not know the secret. */
async function sendForged({ github }: World): Promise<string> {
  const delivery = github.deliveries().find(({ event }) => event === 'workflow_job');
  const body = delivery?.payload ?? '{}';
  const signature = `sha256=${createHmac('sha256', 'a guess').update(body).digest('hex')}`;
  return deliver(github, { body, event: 'workflow_job', guid: randomUUID(), signature });
}

/** How long to wait for a delivery that led to a launch: with faults there may be none. World time. */
const LAUNCH_WITHIN_MS = 120_000;

/** The delivery of an unservable job would be answered with its rejection again. */
const isTaken = ({ statusCode, responseBody }: Delivery): boolean =>
  statusCode === 202 && !isUnservable(JSON.parse(responseBody).reason);

/** The same event under a second GUID, as GitHub has been seen to send it. */
async function sendAgain({ github, clock }: World): Promise<string> {
  for (const until = clock.nowMs() + LAUNCH_WITHIN_MS; clock.nowMs() < until; await clock.sleep(1_000)) {
    const delivery = github.deliveries().find(isTaken);
    if (delivery === undefined) continue;
    return deliver(github, { body: delivery.payload, event: delivery.event, guid: randomUUID() });
  }
  return 'nothing: no delivery has led to a launch';
}
