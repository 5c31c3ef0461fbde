import type { TaskFact } from '../core/facts.ts';
import type { LaunchOutcome } from '../core/outcomes.ts';
import { LAUNCH_SPACING_MS, planTurn } from '../core/pace.ts';
import type { PlannedLaunch } from '../core/plan-reconcile.ts';
import type { ReconcilePorts } from '../core/ports.ts';
import { launch } from '../launch/launch.ts';

export interface LaunchRound {
  readonly prefix: string;
  /** What was alive when the launches were planned: each stands for a JIT config of its minute. */
  readonly tasks: readonly TaskFact[];
  /** Aborted when the function's time is nearly up: no launch begins after it. */
  readonly signal: AbortSignal;
}

/**
 * Launches in turns that use GitHub's minute and do not pass it, whoever else launches. Spacing is not waiting for a
 * refusal to pass (rule 8): a limit ends the round, as the next calls would meet it too, and any other refusal ends it for
 * jobs with the same labels.
 */
export async function launchAll(
  planned: readonly PlannedLaunch[],
  ports: ReconcilePorts,
  { prefix, tasks, signal }: LaunchRound,
): Promise<readonly LaunchOutcome[]> {
  const launchedAtMs = new Map(tasks.map(({ runnerName, createdAtMs }) => [runnerName, createdAtMs]));
  const round: Round = { prefix, signal, launchedAtMs, outcomes: [], refused: new Set(), isBlind: false };
  // The first with its labels goes ahead: where there is no capacity for them, one launch finds out, and not all of them.
  const scouts = planned.filter((one, index) => planned.findIndex((other) => isAlike(one, other)) === index);
  const waves = [scouts, planned.filter((one) => !scouts.includes(one))];
  for (const wave of waves) await launchWave(wave, ports, round);
  return round.outcomes;
}

interface Round extends Omit<LaunchRound, 'tasks'> {
  readonly launchedAtMs: Map<string, number>;
  readonly outcomes: LaunchOutcome[];
  /** Labels that this round has been refused a launch for. */
  readonly refused: Set<string>;
  /** What others launch could not be read any more. */
  isBlind: boolean;
}

const labelsOf = ({ launch: { labels } }: PlannedLaunch): string => labels.join(' ');
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
  const { launchedAtMs, refused, signal } = round;
  let left = wave.filter((one) => !refused.has(labelsOf(one)));
  while (left.length > 0 && !isOver(round)) {
    const turn = planTurn([...launchedAtMs.values()], left.length, ports.now());
    if ('waitMs' in turn) await ports.pause(turn.waitMs, signal);
    else {
      await launchBatch(left.slice(0, turn.launch), ports, round);
      left = left.slice(turn.launch).filter((one) => !refused.has(labelsOf(one)));
    }
    if (left.length > 0 && !isOver(round)) await seeLaunches(ports, round);
  }
}

/** In parallel, a moment apart. */
async function launchBatch(
  batch: readonly PlannedLaunch[],
  ports: ReconcilePorts,
  round: Round,
): Promise<void> {
  const { prefix, signal, launchedAtMs, outcomes, refused } = round;
  const running: Promise<unknown>[] = [];
  for (const one of batch) {
    if (running.length > 0) await ports.pause(LAUNCH_SPACING_MS, signal);
    if (isOver(round)) break;
    if (refused.has(labelsOf(one))) continue;
    const startedAtMs = ports.now();
    const made = launch(one.launch, one.generation, prefix, ports, signal).then((outcome) => {
      outcomes.push(outcome);
      launchedAtMs.set(outcome.runnerName, startedAtMs);
      if (outcome.kind === 'refused') refused.add(labelsOf(one));
    });
    running.push(made);
  }
  await Promise.all(running);
}

/** Adds what others have launched meanwhile; where that cannot be read, the round is over. */
async function seeLaunches(ports: ReconcilePorts, round: Round): Promise<void> {
  try {
    for (const { runnerName, createdAtMs } of await ports.listTasks())
      round.launchedAtMs.set(runnerName, createdAtMs);
  } catch {
    round.isBlind = true;
  }
}
