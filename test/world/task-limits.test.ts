import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startTaskClock } from '../../local/task/clock-service.ts';
import { startTask, type TaskOptions } from '../../local/task/task.ts';
import { createVirtualClock } from '../../local/world/virtual-clock.ts';

const FOLDER = path.join(import.meta.dirname, '../../local');
const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

/** A task on a clock that stands still while it works; resolves with its end, and the world seconds until then. */
async function runInWorldTime(options: TaskOptions) {
  const clock = createVirtualClock();
  const taskClock = await startTaskClock(clock);
  const { pulse, env } = taskClock.taskOf('task');
  const worldTime = {
    BASH_ENV: path.join(FOLDER, 'task/world-time.sh'),
    WORLD_CLOCK_SLEEP: path.join(FOLDER, 'runner/world-sleep.sh'),
  };
  const work = clock.hold();
  const task = await startTask({
    ...options,
    environment: { ...env, ...worldTime, ...options.environment },
  });
  pulse.begin(work);
  cleanUps.push(() => {
    pulse.end();
    clock.stop();
    taskClock.close();
    task.cleanUp();
  });
  let hasEnded = false;
  void task.ended.finally(() => {
    hasEnded = true;
  });
  await clock.until(() => hasEnded);
  return { ...(await task.ended), seconds: (clock.nowMs() - clock.epochMs) / 1000 };
}

/** Before its listener starts a supervisor waits by sleeping: its limits must be over in the world's time all the same. */
describe('a task in the time of the embedded world', () => {
  it('should end where no Docker daemon comes', async () => {
    const environment = { DOCKER_HOST: 'unix:///nowhere', ONESHOT_DOCKER_TIMEOUT_SECONDS: '120' };
    const { ending, seconds } = await runInWorldTime({ environment });
    expect(ending).toBe('docker-not-ready');
    expect(seconds).toBeGreaterThanOrEqual(120);
    expect(seconds).toBeLessThan(130);
  });

  it('should end where KMS stays down', async () => {
    const kms = Array(100).fill({ status: 500 });
    const environment = { ONESHOT_UNSEAL_TIMEOUT_SECONDS: '60' };
    const { ending, seconds } = await runInWorldTime({ kms, environment });
    expect(ending).toBe('config-not-unsealed');
    expect(seconds).toBeGreaterThanOrEqual(60);
    expect(seconds).toBeLessThan(70);
  });
});
