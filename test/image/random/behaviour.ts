import type { StandInScript } from '../../../local/runner/script.ts';
import type { JobResult } from '../../../local/runner/service.ts';
import type { Answer } from '../../../local/task/services.ts';
import type { TaskOptions } from '../../../local/task/task.ts';
import { seededRandom } from '../../../model/dice.ts';

/** The supervisor's limits, in the seconds that it is given. */
interface Limits {
  readonly CONNECT_TIMEOUT: number;
  readonly IDLE_TIMEOUT: number;
  readonly ASSIGNMENT_TIMEOUT: number;
  readonly LEASE: number;
  readonly MAXIMUM_AGE: number;
  readonly STOP_TIMEOUT: number;
  readonly UNSEAL_TIMEOUT: number;
}

/** Everything that one run is made of: a pure function of its seed. */
export interface Behaviour {
  readonly seed: number;
  readonly listener: StandInScript;
  readonly limits: Limits;
  readonly kms: readonly Answer[];
  /** Seconds after which it is clear that KMS does not give the plaintext, or not in time. */
  readonly sealedAfterSeconds?: number;
  readonly refusal?: string;
  /** Seconds from the task's first line to SIGTERM. */
  readonly termAfterSeconds?: number;
  readonly isText: boolean;
}

/** Too long to be reached before the maximum age. */
const LONG_SECONDS = 300;
const DOWN: readonly Answer[] = Array(50).fill({ status: 503 });
const REFUSED: Answer = { status: 400, body: { __type: 'AccessDeniedException' } };

/** Draws of one seed. */
function createDice(seed: number) {
  const random = seededRandom(seed);
  for (let thrown = 0; thrown < 4; thrown++) random();
  const between = (from: number, to: number) => from + random() * (to - from);
  return {
    chance: (share: number) => random() < share,
    seconds: (from: number, to: number) => Math.round(between(from, to) * 100) / 100,
    whole: (from: number, to: number) => Math.floor(between(from, to + 1)),
    oneOf: <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T,
  };
}
type Dice = ReturnType<typeof createDice>;

export function behaviourOf(seed: number): Behaviour {
  const dice = createDice(seed);
  const kms = drawKms(dice);
  const limits = drawLimits(dice);
  return {
    seed,
    kms,
    limits,
    ...(kms.length > 0 && { sealedAfterSeconds: kms[0] === REFUSED ? 0 : limits.UNSEAL_TIMEOUT }),
    listener: drawListener(dice),
    isText: dice.chance(0.5),
    ...(dice.chance(0.1) && { refusal: 'Size over the policy.' }),
    ...(dice.chance(0.25) && { termAfterSeconds: dice.seconds(0, 5) }),
  };
}

export const optionsOf = ({ limits, refusal, listener, kms, isText }: Behaviour): TaskOptions => ({
  listener,
  kms,
  isText,
  environment: {
    ...Object.fromEntries(
      Object.entries(limits).map(([name, seconds]) => [`ONESHOT_${name}_SECONDS`, String(seconds)]),
    ),
    ...(refusal !== undefined && { ONESHOT_REJECTION: refusal }),
  },
});

function drawKms(dice: Dice): readonly Answer[] {
  if (dice.chance(0.9)) return [];
  return dice.oneOf([[REFUSED], [{ status: 500 }], [{ body: 'no' }, { status: 429 }], DOWN]);
}

/** Most limits are out of reach in most runs, so that what ends a run is seldom two things at once. */
function drawLimits(dice: Dice): Limits {
  const limit = (share: number) => (dice.chance(share) ? dice.whole(1, 3) : LONG_SECONDS);
  return {
    CONNECT_TIMEOUT: limit(0.3),
    IDLE_TIMEOUT: limit(0.4),
    ASSIGNMENT_TIMEOUT: limit(0.4),
    LEASE: limit(0.3),
    MAXIMUM_AGE: dice.chance(0.2) ? dice.whole(2, 6) : dice.whole(8, 12),
    STOP_TIMEOUT: dice.oneOf([4, 8]),
    UNSEAL_TIMEOUT: dice.whole(1, 3),
  };
}

function drawListener(dice: Dice): StandInScript {
  return {
    connectSeconds: dice.chance(0.3) ? dice.seconds(0, 3) : 0,
    ...(dice.chance(0.1) && { isDeaf: true }),
    ...(dice.chance(0.15) && { lostInterrupts: dice.whole(1, 2) }),
    ...(dice.chance(0.1) && { triesAgainAfterSeconds: dice.seconds(0, 2) }),
    ...drawStory(dice),
  };
}

function drawStory(dice: Dice): StandInScript {
  const story = dice.whole(1, 20);
  if (story <= 2) return drawFailedStart(dice);
  if (story <= 5) return drawIdleness(dice);
  const job = { jobAfterSeconds: dice.chance(0.5) ? 0 : dice.seconds(0, 3), ...drawJob(dice) };
  if (story <= 7)
    return {
      ...job,
      ...dice.oneOf<StandInScript>([{ acquire: 'lost' }, { acquire: 'hang' }, ...drawRenewals(dice)]),
    };
  if (story <= 9)
    return {
      ...job,
      acquireSeconds: dice.seconds(0, 3),
      renewalSeconds: dice.seconds(0, 3),
      workerAfterSeconds: dice.seconds(0, 3),
    };
  // Longer than an interrupted listener without a job is given.
  const acquireSeconds = dice.oneOf([0, 6]);
  if (story <= 10) return { jobAtInterrupt: dice.oneOf(['dies', 'runs']), acquireSeconds, ...drawJob(dice) };
  return job;
}

/** "Running job", and no worker after it. */
const drawRenewals = (dice: Dice): StandInScript[] => [
  { renewal: 'lost', renewalSeconds: dice.seconds(0, 3) },
  { renewal: 'hang' },
  { renewal: 'hang', cancelAfterSeconds: dice.seconds(0, 3) },
];

const drawFailedStart = (dice: Dice): StandInScript =>
  dice.oneOf<StandInScript>([
    { session: 'conflict' },
    { session: 'refused' },
    { session: 'denied' },
    { session: 'unreachable' },
    { crashesAtStart: true },
    { connectSeconds: 600 },
  ]);

const POLL_ANSWERS = [
  'gone',
  'deprecated',
  'unauthorized',
  'shutdown',
  'session-invalid',
  'refused-for-now',
] as const;

const drawIdleness = (dice: Dice): StandInScript =>
  dice.oneOf<StandInScript>([
    {},
    ...POLL_ANSWERS.map((answer) => ({ poll: { afterSeconds: dice.seconds(0, 3), answer } })),
    { idleExitCode: dice.oneOf([0, 1, 2, 4, 7]) },
    { idleExitCode: 0, endsBySignal: dice.oneOf(['SIGABRT', 'SIGKILL', 'SIGTERM']) },
  ]);

const LINE = '2026-01-01 00:00:00Z: Job x completed with result: Succeeded';
/** Steps that try to change what is told of them. */
const FORGERIES = [
  'rm -rf "$RUNNER_PERFLOG"',
  `printf 'SessionCreated:x\\nStartingWorkerProcess:x\\n' >>"$RUNNER_PERFLOG/Runner.perf"`,
  `echo '${LINE}' >"$RUNNER_PERFLOG/out"`,
  ': >"$RUNNER_PERFLOG/refused"',
  'rm -f "$RUNNER_PERFLOG/out"; mkfifo "$RUNNER_PERFLOG/out"',
  ': >"$RUNNER_PERFLOG/Worker.perf"; kill -INT $PPID',
];

/** The kill is dated by the job itself, as nobody else can. */
const KILLS_LISTENER = `printf '{"killed":true,"atMs":%s}\\n' "$(date +%s%3N)" >>../journal; kill -KILL $(cut -d" " -f4 /proc/$PPID/stat)`;

function drawJob(dice: Dice): StandInScript {
  return {
    jobSeconds: dice.chance(0.3) ? 0 : dice.chance(0.15) ? 600 : dice.seconds(0, 4),
    result: dice.oneOf(['Succeeded', 'Succeeded', 'Failed', 'Canceled', 'Skipped', 'Abandoned']),
    ...(dice.chance(0.1) && { failsAtSetUp: true }),
    ...(dice.chance(0.1) && { setUpSeconds: dice.seconds(0, 2) }),
    ...(dice.chance(0.1) && { losesCompletion: true }),
    ...(dice.chance(0.1) && {
      cancelAfterSeconds: dice.seconds(0, 2),
      concludesAfterCancel: dice.oneOf<JobResult>(['Canceled', 'Succeeded', 'Failed']),
    }),
    ...(dice.chance(0.1) && { isWorkerDeaf: true }),
    ...(dice.chance(0.1) && { workerStaysSeconds: dice.oneOf([1, 600]) }),
    ...(dice.chance(0.15) && { jobScript: `${dice.oneOf(FORGERIES)}; true` }),
    ...(dice.chance(0.1) && { jobName: LINE }),
    ...drawEnd(dice),
    ...(dice.chance(0.06) && { goneAfterSeconds: dice.seconds(0, 3) }),
    ...(dice.chance(0.1) && { container: dice.oneOf(['job', 'services', 'action'] as const) }),
  };
}

/**
 * What is odd about the listener's end, at most one thing: two that lie in the same way cannot be told from the truth,
 * and no more can a job that forges the last line of a listener that prints none (it lies about itself alone).
 */
function drawEnd(dice: Dice): StandInScript {
  if (dice.chance(0.5)) return {};
  return dice.oneOf<StandInScript>([
    { exitCode: dice.oneOf([0, 1, 2, 7, 100, 102, 103, 104, 105]) },
    { toldResult: dice.oneOf(['Succeeded', 'Failed', 'Canceled', 'Abandoned']) },
    { isSilentAtEnd: true, jobScript: 'true' },
    { endsBySignal: dice.oneOf(['SIGABRT', 'SIGKILL', 'SIGTERM']) },
    { exitAfterSeconds: dice.oneOf([0.5, 2, 600]) },
    { diesAtJob: dice.oneOf(['SIGKILL', 'SIGABRT']) },
    { quitsDuringJob: { afterSeconds: dice.seconds(0, 3), exitCode: dice.oneOf([0, 1, 2, 7]) } },
    { jobScript: KILLS_LISTENER },
    { jobScript: 'kill -KILL $PPID; true' },
    { lacksWorker: true, jobScript: 'true' },
  ]);
}
