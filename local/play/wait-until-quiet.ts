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
/** Real time for processes to end: they do not run faster in a fast world. */
const LEAST_REAL_MS = 8_000;
const LOOK_EVERY_MS = 100;

/** Resolves when all our jobs have ended and nothing is left over, or when nothing moves any more. */
export async function waitUntilQuiet(world: World, signal: AbortSignal): Promise<void> {
  let lastState = '';
  let changedAtMs = Date.now();
  const endsAtMs = world.clock.nowMs() + LONGEST_MS;
  const patienceMs = Math.max(STANDSTILL_MS / world.clock.speed, LEAST_REAL_MS);
  while (!signal.aborted && Date.now() - changedAtMs < patienceMs && world.clock.nowMs() < endsAtMs) {
    const state = describe(world);
    if (state === 'done') return;
    if (state !== lastState) changedAtMs = Date.now();
    lastState = state;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
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
