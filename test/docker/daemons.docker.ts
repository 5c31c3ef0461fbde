/** The daemons of the embedded world, whose tasks run side by side in one network. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTaskDaemons } from '../../local/docker/index.ts';
import { startTask } from '../../local/task/task.ts';
import { leftInNetwork, writeBuildContext } from './machine.ts';

let base: string;
beforeEach(() => {
  base = mkdtempSync(path.join(tmpdir(), 'oneshot-daemons-'));
  writeBuildContext(path.join(base, 'context'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** A service with the same names in each task; the port is the daemon's choice, as the network is one. */
const SCRIPT = `
  set -eux; docker build --quiet --tag image "$BUILD_CONTEXT"; docker network create jobs
  docker run --detach --name web --network jobs --publish 80 image httpd -f
  port=$(docker port web 80 | head -1); until busybox wget -O- "http://127.0.0.1:\${port##*:}/" 2>&1 | grep 404; do sleep 0.1; done
  docker run --rm --network jobs image wget -O- http://web/ 2>&1 | grep 404; [[ $(docker ps --quiet | wc -l) == 1 ]]`;

async function runBeside(daemons: ReturnType<typeof createTaskDaemons>, taskId: string) {
  const environment = daemons.start(taskId, path.join(base, taskId));
  const task = await startTask({
    listener: { jobAfterSeconds: 0, jobSeconds: 0, jobScript: SCRIPT },
    environment: { ...(await environment), BUILD_CONTEXT: path.join(base, 'context') },
  });
  const ended = await task.ended;
  task.cleanUp();
  await daemons.stop(taskId);
  return { ...ended, output: task.output() };
}

describe('the daemons of the embedded world', () => {
  it('should serve tasks side by side, each alone, and leave nothing', async () => {
    const daemons = createTaskDaemons({ base, areAwaited: true });
    const ends = await Promise.all(['one', 'two', 'three'].map((taskId) => runBeside(daemons, taskId)));
    for (const { output, ...end } of ends)
      expect(end, output).toMatchObject({ ending: 'ran-succeeded', leftover: [] });
    expect(leftInNetwork()).toEqual([]);
  });

  it('should be gone with a process that does not wait for their end', () => {
    const script = `
      import { createTaskDaemons } from '${path.join(import.meta.dirname, '../../local/docker/index.ts')}';
      const daemons = createTaskDaemons({ base: '${base}', areAwaited: true });
      await daemons.start('one', '${base}/one');
      process.exit(3);`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script]);
    expect(status, String(stderr)).toBe(3);
    expect(leftInNetwork()).toEqual([]);
  });
});
