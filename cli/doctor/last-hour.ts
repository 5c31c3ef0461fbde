import { setTimeout as pause } from 'node:timers/promises';
import { createObserver } from '../observe/observer.ts';
import type { Snapshot } from '../observe/snapshot.ts';
import { readPolicy } from '../policy.ts';
import type { Reading } from './link.ts';

const HOUR_MS = 3_600_000;

/** What the functions' logs, ECS and GitHub show of the last hour. */
const LAST_HOUR: Reading<Snapshot> = async (deployment) =>
  createObserver(deployment, {
    policy: () => readPolicy(),
    windowMs: HOUR_MS,
    pause: (ms) => pause(ms),
  }).look();

/** Reads out of the last hour. */
export const ofLastHour =
  <T>(pick: (snapshot: Snapshot) => T): Reading<T> =>
  async (_, ask) =>
    pick(await ask(LAST_HOUR));

/** Epoch milliseconds. */
export const NOW_MS: Reading<number> = async ({ now }) => now();
