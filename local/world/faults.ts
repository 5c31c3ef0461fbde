/** The faults that can be asked for by name. Each says what a client of the world sees. */
export const FAULTS = {
  'github-5xx': 'GitHub answers 502 and does nothing',
  'github-lost-answer': 'GitHub does what was asked, then drops the connection',
  'github-latency': 'GitHub answers a second or two late',
  'github-secondary-limit': 'GitHub answers 403 with retry-after and does nothing',
  'github-primary-limit': 'GitHub answers 403 with x-ratelimit-remaining 0 and does nothing',
  'github-token-revoked': 'a token that still lives is refused as bad credentials, and is dead from then on',
  'github-run-vanishes': 'a run is listed, and its jobs are 404 when they are read',
  'github-malformed-record': 'a record in a list of jobs has null where its labels should be',
  'lying-busy': 'GitHub lists a busy runner as not busy, and lets it be deleted',
  'lost-webhook': 'a delivery fails to connect; GitHub records the failure and does not redeliver',
  'duplicate-webhook': 'a delivery arrives twice, with two GUIDs',
  'stranger-webhook':
    'a genuine delivery of a stranger, whose runner has the name of one of ours, comes as well',
  'aws-5xx': 'an AWS API answers 500 and does nothing',
  'aws-lost-answer': 'an AWS API does what was asked, then drops the connection',
  'aws-latency': 'an AWS API answers a second late',
  'ecs-throttle': 'RunTask is throttled (both disguises: ThrottlingException, InvalidParameterException)',
  'ecs-no-capacity': 'RunTask answers 200 with failures[]: no capacity',
  'ecs-refused-token-kept': 'a clientToken stays taken by a RunTask that was refused for want of capacity',
  'task-fails-to-start':
    'a task stops with TaskFailedToStart before it is RUNNING: image, registry, log group, capacity or address',
  'task-out-of-memory': 'a task is killed for its memory seconds after it began to run: exit code 137',
  'task-stuck': 'a task never leaves PENDING',
  'listener-stays': 'a listener stays when its job is over, and obeys no signal',
  'eventbridge-lost': 'the event of a stopped task never comes',
  'eventbridge-twice': 'the event of a stopped task comes twice',
  'queue-lost': 'a message of the doubt queue is gone before it is handled',
  'queue-twice': 'a message of the doubt queue is handled twice',
} as const;

export type FaultName = keyof typeof FAULTS;
export const isFault = (name: string): name is FaultName => Object.hasOwn(FAULTS, name);

export interface Faults {
  /** True when the fault is to strike now: asked for with `next`, or by its rate. */
  strikes(name: FaultName): boolean;
  /** Makes the next `count` opportunities of this fault strike. */
  next(name: FaultName, count?: number): void;
  /** Sets the share of opportunities (0 to 1) at which a fault strikes by itself. */
  setRate(name: FaultName, rate: number): void;
  rateOf(name: FaultName): number;
  /** How often each fault has struck. */
  readonly struck: ReadonlyMap<FaultName, number>;
}

/** Seeded, so that a scenario can be played again. `random` returns 0 (inclusive) to 1 (exclusive). */
export function createFaults(random: () => number = Math.random): Faults {
  const rates = new Map<FaultName, number>();
  const pending = new Map<FaultName, number>();
  const struck = new Map<FaultName, number>();
  const decide = (name: FaultName): boolean => {
    const left = pending.get(name) ?? 0;
    if (left > 0) pending.set(name, left - 1);
    return left > 0 || random() < (rates.get(name) ?? 0);
  };
  return {
    struck,
    strikes(name) {
      const hit = decide(name);
      if (hit) struck.set(name, (struck.get(name) ?? 0) + 1);
      return hit;
    },
    next: (name, count = 1) => void pending.set(name, (pending.get(name) ?? 0) + count),
    setRate: (name, rate) => void rates.set(name, rate),
    rateOf: (name) => rates.get(name) ?? 0,
  };
}
