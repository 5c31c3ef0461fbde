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
 * refusal to pass (rule 8): the first refusal ends the round, as the next calls would be refused too.
 */
export async function launchAll(
  planned: readonly PlannedLaunch[],
  ports: ReconcilePorts,
  { prefix, tasks, signal }: LaunchRound,
): Promise<readonly LaunchOutcome[]> {
  const launchedAtMs = new Map(tasks.map(({ runnerName, createdAtMs }) => [runnerName, createdAtMs]));
  const outcomes: LaunchOutcome[] = [];
  const isOver = () => signal.aborted || outcomes.some(endsRound);
  let done = 0;
  while (done < planned.length && !isOver()) {
    const turn = planTurn([...launchedAtMs.values()], planned.length - done, ports.now());
    if ('waitMs' in turn) await ports.pause(turn.waitMs, signal);
    else {
      const batch = planned.slice(done, done + turn.launch);
      done += batch.length;
      await launchBatch(batch, ports, { prefix, signal, outcomes, isOver, launchedAtMs });
    }
    if (done < planned.length && !isOver() && !(await seeLaunches(ports, launchedAtMs))) break;
  }
  return outcomes;
}

const endsRound = ({ kind }: LaunchOutcome): boolean => kind === 'refused' || kind === 'unknown';

interface Batch extends Omit<LaunchRound, 'tasks'> {
  readonly outcomes: LaunchOutcome[];
  readonly isOver: () => boolean;
  readonly launchedAtMs: Map<string, number>;
}

/** In parallel, a moment apart; ends early at a refusal. */
async function launchBatch(
  batch: readonly PlannedLaunch[],
  ports: ReconcilePorts,
  { prefix, signal, outcomes, isOver, launchedAtMs }: Batch,
): Promise<void> {
  const running: Promise<unknown>[] = [];
  for (const { launch: plan, generation } of batch) {
    if (running.length > 0) await ports.pause(LAUNCH_SPACING_MS, signal);
    if (isOver()) break;
    const startedAtMs = ports.now();
    const made = launch(plan, generation, prefix, ports, signal).then((outcome) => {
      outcomes.push(outcome);
      launchedAtMs.set(outcome.runnerName, startedAtMs);
    });
    running.push(made);
  }
  await Promise.all(running);
}

/** Adds what others have launched meanwhile; false when that could not be read, which ends the round too. */
async function seeLaunches(ports: ReconcilePorts, launchedAtMs: Map<string, number>): Promise<boolean> {
  try {
    for (const { runnerName, createdAtMs } of await ports.listTasks())
      launchedAtMs.set(runnerName, createdAtMs);
    return true;
  } catch {
    return false;
  }
}
