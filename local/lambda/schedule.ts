import { pass, type WorldClock } from '../world/clock.ts';

export interface Trigger {
  stop(): void;
}

/** One invocation after another, never two at once; what a failed one says is in the function's log. */
export function startSchedule(
  invoke: () => Promise<unknown>,
  everySeconds: number,
  clock: WorldClock,
): Trigger {
  let isStopped = everySeconds === 0;
  const loop = async () => {
    while (!isStopped) {
      await pass(clock, everySeconds * 1000);
      if (!isStopped) await invoke().catch(() => undefined);
    }
  };
  void loop();
  return {
    stop() {
      isStopped = true;
    },
  };
}
