import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { TaskEnding } from '../../functions/core/task/exit-codes.ts';
import type { StandInScript } from '../../local/runner/script.ts';
import { startTask, type Task, type TaskOptions } from '../../local/task/task.ts';

/** Before the task there was one already: it is not this job's. */
const KILLS = 'oom 3\noom_kill 1\noom_group_kill 0\n';
const A_KILL = 'sed -i "s/^oom_kill .*/oom_kill 2/" ../events';
const FULL = 'echo 512 >../free';
const GIVEN = { ONESHOT_MEMORY_MIB: '2048', ONESHOT_STORAGE_GIB: '30' };
const job = { jobAfterSeconds: 0, jobSeconds: 0 };

/** A kernel and a disk of the test's own: what the script reads of them it reads below `base`. */
const task = (listener: StandInScript, environment: TaskOptions['environment'] = GIVEN): TaskOptions => ({
  listener: { ...job, ...listener },
  environment,
  edit: (script) =>
    script
      .replaceAll('/sys/fs/cgroup/memory.events', '$ONESHOT_RUNNER_ROOT/../events')
      .replaceAll('/sys/fs/cgroup/memory/memory.oom_control', '$ONESHOT_RUNNER_ROOT/../none')
      .replace(/^set -euo pipefail$/m, '$&\nPATH=$ONESHOT_RUNNER_ROOT/stand-ins:$PATH'),
  onLaidOut: (root) => {
    mkdirSync(`${root}/stand-ins`);
    writeFileSync(`${root}/../events`, KILLS);
    writeFileSync(`${root}/../free`, '9999999\n');
    writeFileSync(`${root}/stand-ins/df`, `#!/bin/bash\necho Avail; cat '${root}/../free'\n`);
    chmodSync(`${root}/stand-ins/df`, 0o755);
  },
});

const saidOnThePage = (of: Task) =>
  of.journal().flatMap((fact) => ('annotations' in fact ? fact.annotations : []));
const MEMORY =
  'A process of this job was killed for memory: its runner has 2048 MiB. For more, memory=4 in the label of runs-on.';
const DISK = 'The disk of this runner is full: it has 30 GiB. For more, storage=60 in the label of runs-on.';

const CASES: readonly [string, TaskEnding, StandInScript, string | undefined][] = [
  ['a step that is killed for memory', 'ran-out-of-memory', { jobScript: `${A_KILL}; exit 137` }, MEMORY],
  ['a step that finds the disk full', 'ran-out-of-disk', { jobScript: `${FULL}; exit 1` }, DISK],
  ['both', 'ran-out-of-memory', { jobScript: `${A_KILL}; ${FULL}; exit 1` }, MEMORY],
  ['a step that fails', 'ran-failed', { jobScript: 'exit 137' }, undefined],
  ['a job that succeeds although a process was killed', 'ran-succeeded', { jobScript: A_KILL }, MEMORY],
  [
    'a listener that is killed for memory',
    'ran-out-of-memory',
    { jobScript: A_KILL, isSilentAtEnd: true, endsBySignal: 'SIGKILL' },
    MEMORY,
  ],
  [
    'a listener that finds the disk full',
    'ran-out-of-disk',
    { jobScript: `${FULL}; exit 1`, isSilentAtEnd: true, exitCode: 2 },
    DISK,
  ],
  // No hook runs: only the ending says it.
  ['a set-up that fills the disk', 'ran-out-of-disk', { failsAtSetUp: true }, undefined],
];

describe.concurrent('a job that ran out of something', () => {
  it.for(CASES)(
    'should be told, with what gives more: %s',
    async ([what, ending, listener, words], { onTestFinished }) => {
      const options = task(listener);
      const onLaidOut = (root: string) => {
        options.onLaidOut?.(root);
        if (what.startsWith('a set-up')) writeFileSync(`${root}/../free`, '0\n');
      };
      const started = await startTask({ ...options, onLaidOut });
      onTestFinished(started.cleanUp);
      expect(await started.ended, started.output()).toMatchObject({ ending, leftover: [], files: [] });
      const ours = saidOnThePage(started).filter(({ title }) => title === 'oneshot');
      expect(ours.map(({ message }) => message)[0]).toBe(words);
      const isInLog = started.output().includes(`oneshot: ${ending === 'ran-out-of-memory' ? MEMORY : DISK}`);
      expect(isInLog).toBe(ending.startsWith('ran-out-of'));
    },
  );

  it('should be told by the reason that it was ended for, where there was one', async ({
    onTestFinished,
  }) => {
    const options = task(
      { jobSeconds: 600, jobScript: A_KILL },
      { ...GIVEN, ONESHOT_MAXIMUM_AGE_SECONDS: '3' },
    );
    const started = await startTask({ ...options, listener: { ...options.listener, isSilentAtEnd: true } });
    onTestFinished(started.cleanUp);
    expect((await started.ended).ending, started.output()).toBe('over-maximum-age');
  });

  it('should be told though nobody says what it was given', async ({ onTestFinished }) => {
    const started = await startTask(
      task({ jobScript: `${A_KILL}; exit 1` }, { ONESHOT_MEMORY_MIB: '$(id)' }),
    );
    onTestFinished(started.cleanUp);
    expect((await started.ended).ending).toBe('ran-out-of-memory');
    const [said] = saidOnThePage(started).filter(({ title }) => title === 'oneshot');
    expect(said?.message).toBe(
      'A process of this job was killed for memory. For more, memory= in the label of runs-on.',
    );
  });
});
