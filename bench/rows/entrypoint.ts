import { startTask } from '../../local/task/task.ts';
import { type Bench, median } from '../row.ts';

const RUNS = 5;
const GOAL_MS = 150;

/** From the process's start to the state before `exec` of the listener, with a KMS that answers at once. */
async function startMs(): Promise<number> {
  const startedAtMs = performance.now();
  const task = await startTask({ isText: true, listener: {} });
  try {
    await task.reaches('connecting');
    return performance.now() - startedAtMs;
  } finally {
    task.signal('SIGTERM');
    await task.ended.catch(() => undefined);
    task.cleanUp();
  }
}
export const entrypoint: Bench = async () => {
  const times: number[] = [];
  for (let run = 0; run <= RUNS; run++) times.push(await startMs());
  return [
    {
      id: 'entrypoint',
      what: 'Entrypoint: from the task’s start to the listener’s, KMS without latency',
      unit: 'ms',
      measured: median(times.slice(1)),
      bound: 1,
      boundIs: 'one call of KMS',
      goal: GOAL_MS,
      goalIs: '150 ms of our own, and one call of KMS',
      peer: 'round trips of config.sh, or a poll of 1 s',
    },
  ];
};
