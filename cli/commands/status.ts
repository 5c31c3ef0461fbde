import { setTimeout as pause } from 'node:timers/promises';
import type { AddCommand } from '../context.ts';
import { createObserver } from '../observe/observer.ts';
import type { Snapshot } from '../observe/snapshot.ts';
import { readPolicy } from '../policy.ts';
import { drawStatus } from '../status/draw-status.ts';
import { watch as watchIt } from '../watch.ts';

/** How far back jobs are told from the logs. */
const WINDOW_MS = 2 * 3_600_000;
const WATCH_EVERY_MS = 2_000;

export const addStatus: AddCommand = (program, context) => {
  program
    .command('status')
    .description(
      'show waiting and running jobs and why they wait, tasks and runners, and their cost until now',
    )
    .option('--watch', 'repeat every two seconds, until Ctrl-C', false)
    .action(async ({ watch }: { watch: boolean }) => {
      const { connected, output } = context();
      const options = { policy: () => readPolicy(), windowMs: WINDOW_MS, pause: (ms: number) => pause(ms) };
      const observer = createObserver(await connected(), options);
      if (watch) {
        const atMs = ({ takenAtMs }: Snapshot) => takenAtMs;
        const look = () => observer.look();
        await watchIt(output, { look, draw: drawStatus, atMs, everyMs: WATCH_EVERY_MS });
        return;
      }
      const snapshot = await observer.look();
      output.answer(snapshot, () => drawStatus(snapshot));
    });
};
