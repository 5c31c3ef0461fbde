/** A fault of the simulation: how often it strikes, and what one strike may cost. */
interface Simulated {
  /** The highest rate that a seed may draw: the chance at each opportunity, or, for a period, that the seed has one. */
  readonly rate: number;
  /** Surplus launches that one strike explains. */
  readonly surplus: number;
  /** The fault whose drawn rate this one shares: one fault for people who read a seed, two services that it strikes at. */
  readonly drawnWith?: string;
}

const worldOnly = (what: string) => ({ what, world: true }) as const;
const simulated = (rate: number, surplus: number, what: string) => {
  const simulation: Simulated = { rate, surplus };
  return { what, simulation };
};
const both = (rate: number, surplus: number, what: string) =>
  ({ ...simulated(rate, surplus, what), world: true }) as const;
const withGitHub = (drawnWith: string, surplus: number, what: string) => {
  const simulation: Simulated = { rate: 0, surplus, drawnWith };
  return { what, simulation, world: true } as const;
};

/**
 * Every fault, by the one name that it has: what a client sees of it, and who can strike it. Rates of the simulation are
 * drawn in this order, so a new fault of the simulation comes last, or all seeds change.
 */
export const FAULTS = {
  // Deliveries. One that is old launches by a look at its own job alone, and not at runners that others have no use for.
  'duplicate-webhook': both(0.3, 0, 'a delivery arrives twice, with two GUIDs'),
  'lost-webhook': both(
    0.25,
    1,
    'a delivery fails to connect; GitHub records the failure and does not redeliver',
  ),
  'unrecorded-webhook': simulated(0.25, 0, 'a delivery is not sent, and GitHub records nothing'),
  'reordered-webhook': simulated(0.5, 0, 'a delivery arrives up to a minute late, after younger ones'),
  'late-webhook': simulated(0.15, 1, 'a delivery arrives 83 minutes late'),
  'lost-start-webhook': simulated(0.5, 1, 'no delivery says that a job has begun'),
  'webhooks-down': simulated(0.2, 40, 'no delivery connects for 20 minutes'),
  'stranger-webhook': both(
    0.5,
    0,
    'a genuine delivery of a stranger, whose runner has the name of one of our runners, comes as well',
  ),
  'namesake-webhook': simulated(
    0.3,
    0,
    'a delivery of another owner, whose runner has the name and id of one of our busy runners, comes as well',
  ),
  // Calls and functions.
  'function-crash': simulated(0.03, 1, 'a function is killed before or after a call takes effect'),
  'github-lost-answer': both(0.04, 1, 'GitHub does what was asked, then drops the connection'),
  'aws-lost-answer': withGitHub(
    'github-lost-answer',
    1,
    'an AWS API does what was asked, then drops the connection',
  ),
  'github-5xx': both(0.05, 1, 'GitHub answers a call with 5xx'),
  'aws-5xx': withGitHub('github-5xx', 1, 'an AWS API answers a call with 5xx'),
  'github-latency': both(0.05, 1, 'GitHub answers seconds late'),
  'aws-latency': withGitHub('github-latency', 1, 'an AWS API answers seconds late'),
  'slow-list': simulated(0.2, 1, 'a page of a list comes 5 to 30 seconds late'),
  'list-5xx': simulated(0.1, 0, 'a page of a list is answered with 503'),
  'ssm-throttle': simulated(0.1, 0, 'Parameter Store throttles a read'),
  'ecs-retried-throttle': simulated(0.15, 1, 'RunTask starts a task, and its retry by the SDK is throttled'),
  'ecs-failure': both(
    0.15,
    0,
    'RunTask answers 200 with failures[]: no network interface, or a missing resource',
  ),
  'ecs-throttle': both(
    0.15,
    0,
    'RunTask is throttled (both disguises: ThrottlingException, InvalidParameterException)',
  ),
  'github-secondary-limit': both(0.15, 0, 'GitHub answers 403 with retry-after and does nothing'),
  'github-primary-limit': both(0.5, 0, 'GitHub answers 403 with x-ratelimit-remaining 0 and does nothing'),
  'ecs-no-spot': simulated(0.5, 0, 'no Spot capacity for 25 minutes'),
  'ecs-spot-flickers': simulated(0.5, 0, 'one launch has no Spot capacity, and the next may have'),
  'ecs-refused-token-kept': both(
    1,
    0,
    'a clientToken stays taken by a RunTask that was refused for want of capacity',
  ),
  'ecs-no-capacity-25-minutes': simulated(0.4, 0, 'no capacity at all for 25 minutes'),
  'ecs-no-capacity-70-minutes': simulated(0.3, 0, 'no capacity at all for 70 minutes'),
  'ecs-no-capacity': worldOnly('RunTask answers 200 with failures[]: no capacity'),
  'ecs-no-large': simulated(0.3, 0, 'no capacity for tasks of 4 vCPU and more for 70 minutes'),
  // Tasks and runners.
  'task-fails-to-start': both(
    0.2,
    1,
    'a task stops with TaskFailedToStart before it is RUNNING: image, registry, log group, capacity or address',
  ),
  'task-boots-late': simulated(0.5, 0, 'a task boots for 1 to 5 minutes, which is still supply'),
  'task-boots-slowly': simulated(0.15, 1, 'a task boots for 2 to 15 minutes, which may no longer be supply'),
  'task-stuck': both(0.05, 1, 'a task never leaves PENDING'),
  'task-host-killed': simulated(0.1, 1, 'the host of a task ends it, without a word'),
  'task-out-of-memory': worldOnly(
    'a task is killed for its memory seconds after it began to run: exit code 137',
  ),
  'spot-interrupted': simulated(0.3, 1, 'Spot takes a task back'),
  'swap-within': simulated(1, 0, 'GitHub gives a runner to another job of the same repository and labels'),
  'swap-across': simulated(0.5, 1, 'GitHub gives a runner to another job that it fits'),
  'foreign-taker': simulated(0.3, 1, 'a job that is not ours takes one of our runners'),
  'dying-runner': simulated(0.15, 1, 'GitHub gives a job to a runner that never picks it up'),
  'idle-removed': simulated(0.15, 1, 'GitHub removes a runner that is idle'),
  'job-cancelled': simulated(0.2, 1, 'somebody cancels a job'),
  'cancelled-as-assigned': simulated(
    0.05,
    1,
    'a job is cancelled before its runner takes it, and its end names the runner',
  ),
  'listener-stays': both(0.1, 0, 'a listener stays when its job is over, and obeys no signal'),
  'listener-ends-slowly': simulated(0.1, 0, 'a listener ends minutes after its job'),
  'lying-busy': both(0.5, 0, 'GitHub lists a busy runner as not busy, and lets it be deleted'),
  // What is seen late, twice or never.
  'awaits-approval': simulated(0.3, 1, 'a job waits for an approval before it is queued'),
  'github-run-missed': simulated(0.1, 0, 'a list leaves out a run'),
  'github-run-vanishes': worldOnly('a run is listed, and its jobs are 404 when they are read'),
  'github-lag': simulated(1, 1, 'lists of GitHub are up to 30 seconds old'),
  'ecs-lag': simulated(1, 1, 'lists of ECS are up to a minute old'),
  'eventbridge-twice': both(0.4, 0, 'the event of a stopped task comes twice'),
  'eventbridge-lost': both(0.4, 0, 'the event of a stopped task never comes'),
  'queue-twice': both(0.2, 0, 'a message of the doubt queue is handled twice'),
  'queue-lost': both(0.3, 0, 'a message of the doubt queue is gone before it is handled'),
  'queue-poison': simulated(0.1, 0, 'a message that is not a doubt stands in the queue'),
  'sweep-down': simulated(0.5, 0, 'no sweep for 70 minutes'),
  'github-down': simulated(0.4, 1, 'GitHub answers no call for 10 minutes'),
  'ecs-down': simulated(0.4, 1, 'ECS answers no call for 10 minutes'),
  'queue-down': simulated(0.3, 0, 'SQS answers no call for 10 minutes'),
  'github-token-revoked': worldOnly(
    'a token that still lives is refused as bad credentials, and is dead from then on',
  ),
  // Repositories, their owners' hour, and jobs that no runner gets.
  'heavy-neighbours': simulated(0.3, 0, 'other repositories have hundreds of active runs'),
  'slow-neighbours': simulated(0.3, 0, 'reads of other repositories take long'),
  'unreadable-neighbours': simulated(0.3, 0, 'reads of other repositories fail'),
  'gone-neighbours': simulated(0.3, 0, 'other repositories are gone'),
  'repository-away': simulated(0.2, 1, 'a repository is taken out of the installation for 20 minutes'),
  'github-malformed-record': both(0.05, 1, 'a record in a list of jobs has null where its labels should be'),
  'held-back': simulated(0.2, 40, 'max-parallel hands out one job of a run at a time'),
  'never-given': simulated(0.03, 20, 'GitHub gives a job to no runner, ever'),
  'approved-after-days': simulated(0.1, 1, 'a job is approved three days after it was created'),
  // Docker, on instances that ECS manages.
  'docker-capacity-late': both(
    0.4,
    0,
    'a task with Docker waits 2 to 18 minutes for its instance, and is still supply',
  ),
  'docker-capacity-never': both(0.05, 1, 'a task with Docker waits for an instance that never comes'),
  'docker-daemon-missing': both(0.15, 1, 'a Docker daemon never answers: its task ends and takes no job'),
  'docker-waiting-full': both(0.15, 0, 'RunTask: too many tasks of the cluster wait for an instance'),
} as const;

type Named<Skin> = {
  [Name in keyof typeof FAULTS]: (typeof FAULTS)[Name] extends Skin ? Name : never;
}[keyof typeof FAULTS];

export type FaultName = keyof typeof FAULTS;
/** A fault that the embedded world can strike: `npm start -- --faults NAME`. */
export type WorldFault = Named<{ readonly world: true }>;
/** A fault that the simulation can strike: `npm run simulate -- --faults NAME`. */
export type SimulatedFault = Named<{ readonly simulation: Simulated }>;

const namesWith = (skin: 'world' | 'simulation') =>
  Object.entries(FAULTS).flatMap(([name, fault]) => (skin in fault ? [name] : []));
export const WORLD_FAULTS = namesWith('world') as readonly WorldFault[];
export const SIMULATED_FAULTS = namesWith('simulation') as readonly SimulatedFault[];
/** What the simulation knows of a fault. */
export const simulatedOf = (name: SimulatedFault): Simulated => FAULTS[name].simulation;
