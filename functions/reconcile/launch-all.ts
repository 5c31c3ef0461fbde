import { generationAt, parseRunnerName, runnerName } from '../core/job/identity.ts';
import { withoutMarks } from '../core/job/labels.ts';
import type { PlannedLaunch } from '../core/plan/judge-launch.ts';
import { type PastLaunch, planTurn, type RoundStart } from '../core/plan/pace.ts';
import type { ReconcilePorts } from '../core/ports.ts';
import type { TaskFact } from '../core/task/facts.ts';
import type { LaunchOutcome } from '../core/words/outcomes.ts';
import { launch } from '../launch/launch.ts';

export interface LaunchRound {
  readonly prefix: string;
  /** What was alive when the launches were planned: each stands for a JIT config of its minute. */
  readonly tasks: readonly TaskFact[];
  /** Aborted when the function's time is nearly up: no launch begins after it. */
  readonly signal: AbortSignal;
}

/**
 * Launches in turns that use GitHub's minute and do not exceed it, even while others launch. Spacing is not waiting for
 * a refusal to pass (rule 16): a limit ends the round, as the next calls would meet it too, and any other refusal ends
 * it for jobs with the same labels.
 */
export async function launchAll(
  planned: readonly PlannedLaunch[],
  ports: ReconcilePorts,
  { prefix, tasks, signal }: LaunchRound,
): Promise<readonly LaunchOutcome[]> {
  const round: Round = {
    prefix,
    owner: planned[0]?.launch.repository.owner,
    start: { repositoryId: planned[0]?.launch.repository.id ?? 0, atMs: ports.now() },
    signal,
    past: new Map(),
    running: [],
    outcomes: [],
    refused: new Set(),
    launchedElsewhere: new Set(),
    isBlind: false,
  };
  seeTasks(tasks, round);
  // Those that were there at planning are what was planned with.
  round.launchedElsewhere.clear();
  // The first with its labels goes ahead: where there is no capacity for them, one launch finds out, and not all of them.
  const scouts = planned.filter((one, index) => planned.findIndex((other) => isAlike(one, other)) === index);
  const waves = [scouts, planned.filter((one) => !scouts.includes(one))];
  for (const wave of waves) await launchWave(wave, ports, round);
  return round.outcomes;
}

interface Round extends Omit<LaunchRound, 'tasks'> {
  /** Of the repository: all launches of a round are one repository's. */
  readonly owner: string | undefined;
  readonly start: RoundStart;
  /** By runner name. */
  readonly past: Map<string, PastLaunch>;
  readonly running: Promise<unknown>[];
  readonly outcomes: LaunchOutcome[];
  /** Labels that this round has been refused a launch for. */
  readonly refused: Set<string>;
  /** Jobs that a webhook has launched since this round was planned: an old delivery that was sent again. */
  readonly launchedElsewhere: Set<number>;
  /** What others launch could not be read any more. */
  isBlind: boolean;
}

/** A mark makes a label a single job's, and where there is no capacity one launch is to find out for all of its kind. */
const labelsOf = ({ launch: { labels } }: PlannedLaunch): string => labels.map(withoutMarks).join(' ');
const isAlike = (one: PlannedLaunch, other: PlannedLaunch): boolean => labelsOf(one) === labelsOf(other);
const isOver = ({ signal, isBlind, outcomes }: Round): boolean =>
  signal.aborted || isBlind || outcomes.some(endsRound);

/** What any call would meet next, whatever its job asks for. */
const LIMITS = new Set(['primary-limit', 'secondary-limit', 'throttled']);
const endsRound = (outcome: LaunchOutcome): boolean =>
  outcome.kind === 'unknown' || (outcome.kind === 'refused' && LIMITS.has(outcome.refusal));

async function launchWave(
  wave: readonly PlannedLaunch[],
  ports: ReconcilePorts,
  round: Round,
): Promise<void> {
  const { past, refused, launchedElsewhere, running, signal } = round;
  let left = wave;
  for (;;) {
    left = left.filter((one) => !refused.has(labelsOf(one)) && !launchedElsewhere.has(one.launch.jobId));
    if (left.length === 0 || isOver(round)) break;
    const turn = planTurn([...past.values()], left.length, round.start, ports.now());
    if ('waitMs' in turn) await ports.pause(turn.waitMs, signal);
    else {
      await startBatch(left.slice(0, turn.launch), turn.spacingMs, ports, round);
      left = left.slice(turn.launch);
    }
    if (left.length > 0 && !isOver(round)) await lookAgain(ports, round);
  }
  await Promise.all(running);
}

/** In parallel, a moment apart. The next batch does not wait for this one's answers. */
async function startBatch(
  batch: readonly PlannedLaunch[],
  spacingMs: number,
  ports: ReconcilePorts,
  round: Round,
): Promise<void> {
  for (const one of batch) {
    if (round.refused.has(labelsOf(one))) continue;
    round.running.push(startOne(one, ports, round));
    await ports.pause(spacingMs, round.signal);
    if (isOver(round)) break;
  }
}

async function startOne(one: PlannedLaunch, ports: ReconcilePorts, round: Round): Promise<void> {
  const { prefix, signal, past, outcomes, refused } = round;
  const { repository, jobId } = one.launch;
  const atMs = ports.now();
  // Of this minute, not of the plan's: a webhook that launches for the job now has the same name, and one of them is refused.
  const generation = generationAt(one.queuedAtMs, atMs);
  const identity = { repositoryId: repository.id, jobId, generation, isFallback: false };
  past.set(runnerName(prefix, identity), { atMs, repositoryId: repository.id });
  const outcome = await launch(one.launch, generation, prefix, ports, signal);
  outcomes.push(outcome);
  if (outcome.kind === 'refused') refused.add(labelsOf(one));
}

/** Adds what others have launched meanwhile; where that cannot be read, the round is over. */
async function lookAgain(ports: ReconcilePorts, round: Round): Promise<void> {
  try {
    seeTasks(await ports.listTasks(), round);
  } catch {
    round.isBlind = true;
  }
}

/** Launches of the same owner: limits are an installation's. */
function seeTasks(tasks: readonly TaskFact[], round: Round): void {
  const { past, prefix, owner, launchedElsewhere } = round;
  for (const { runnerName, createdAtMs, repository } of tasks) {
    if (past.has(runnerName) || (repository !== undefined && repository.owner !== owner)) continue;
    const { repositoryId = 0, jobId = 0 } = parseRunnerName(prefix, runnerName) ?? {};
    launchedElsewhere.add(jobId);
    past.set(runnerName, { atMs: createdAtMs, repositoryId });
  }
}
