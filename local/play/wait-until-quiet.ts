import type { World } from '../world/start-world.ts';
import { leftover } from './summary.ts';

const MINUTE_MS = 60_000;
/**
 * World time without any change after which what still waits is lost. The longest that the system takes between two
 * steps: a registration without a task has two looks, 15 minutes apart, the first within 15 minutes, and either may
 * fail; a task that never runs is stopped after 30; a job is launched again 15 minutes after the last time.
 */
const STANDSTILL_MS = 40 * MINUTE_MS;
/** World time after which it ends though things still move: launches that fail forever, say. */
const LONGEST_MS = 6 * 60 * MINUTE_MS;
/** A runner that is older has outlived the launch that made it. */
const OLD_MS = 10 * MINUTE_MS;

/** Resolves when all our jobs have ended and nothing is left over, or when nothing moves any more. */
export async function waitUntilQuiet(world: World, signal: AbortSignal): Promise<void> {
  const { clock } = world;
  let lastState = '';
  let changedAtMs = clock.nowMs();
  const isOver = () => {
    const state = describe(world);
    if (state !== lastState) changedAtMs = clock.nowMs();
    lastState = state;
    return signal.aborted || state === 'done' || clock.nowMs() - changedAtMs >= STANDSTILL_MS;
  };
  await clock.until(isOver, LONGEST_MS);
}

function describe(world: World): string {
  const { tasks, runners, messages } = leftover(world);
  const open = world.github.jobs().filter(({ status }) => status !== 'completed');
  if (tasks + runners + messages + open.length === 0) return 'done';
  const statuses = world.aws.tasks().map(({ id, lastStatus }) => `${id}${lastStatus}`);
  // Neither messages nor fresh runners: the sweep raises doubts, and reconcile tries to launch, for as long as the world
  // is there, whether anything comes of it or not.
  const oldestMs = world.clock.nowMs() - OLD_MS;
  const old = world.github.runners().filter(({ createdAtMs }) => createdAtMs < oldestMs).length;
  return JSON.stringify([open.map(({ id, status }) => [id, status]), statuses, old]);
}
