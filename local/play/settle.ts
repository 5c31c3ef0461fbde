import type { Policy } from '../../functions/core/policy.ts';
import type { World } from '../world/start-world.ts';
import { isOurs, leftover } from './summary.ts';

/** World time without any change after which what still waits is lost: longer than any step of the system takes. */
const STANDSTILL_MS = 12 * 60_000;
/** Real time for processes to end: they do not run faster in a fast world. */
const LEAST_REAL_MS = 8_000;
const LOOK_EVERY_MS = 100;

/** Resolves when every job of ours has ended and nothing is left over, or when nothing moves any more. */
export async function settle(world: World, policy: Policy, signal: AbortSignal): Promise<void> {
  let lastState = '';
  let changedAtMs = Date.now();
  const patienceMs = Math.max(STANDSTILL_MS / world.clock.speed, LEAST_REAL_MS);
  while (!signal.aborted && Date.now() - changedAtMs < patienceMs) {
    const state = describe(world, policy);
    if (state === 'done') return;
    if (state !== lastState) changedAtMs = Date.now();
    lastState = state;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

function describe(world: World, policy: Policy): string {
  const { tasks, runners, messages } = leftover(world);
  const open = world.github.jobs().filter(({ status }) => status !== 'completed');
  if (tasks + runners + messages + open.filter((job) => isOurs(job, policy)).length + open.length === 0)
    return 'done';
  const statuses = world.aws.tasks().map(({ id, lastStatus }) => `${id}${lastStatus}`);
  return JSON.stringify([open.map(({ id, status }) => [id, status]), statuses, runners, messages]);
}
