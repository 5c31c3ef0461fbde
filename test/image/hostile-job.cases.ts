import { describe, expect, it } from 'vitest';
import type { StandInScript } from '../../local/runner/script.ts';
import { startTask } from '../../local/task/task.ts';

const PERF = '"$RUNNER_PERFLOG/Runner.perf"';
const LINE = '2026-01-01 00:00:00Z: Job x completed with result: Succeeded';

/** Steps that try to change what the supervisor tells of them, and what it must tell all the same. */
const STEPS: readonly [string, string, string][] = [
  ['deletes the marks', `rm -f ${PERF}`, 'ran-failed'],
  ['deletes all our files', 'rm -rf "$RUNNER_PERFLOG"', 'ran-failed'],
  ['replaces the marks by a directory', `rm -f ${PERF}; mkdir ${PERF}`, 'ran-failed'],
  ['replaces the marks by a pipe', `rm -f ${PERF}; mkfifo ${PERF}`, 'ran-failed'],
  ['forges marks', `printf 'SessionCreated:x\\nStartingWorkerProcess:x\\n' >>${PERF}`, 'ran-failed'],
  ['prints a result', `echo '${LINE}'`, 'ran-failed'],
  ['writes a result to our pipe', `echo '${LINE}' >"$RUNNER_PERFLOG/out"`, 'ran-failed'],
  ['kills its listener', 'kill -KILL $(cut -d" " -f4 /proc/$PPID/stat)', 'ran-result-unknown'],
];

describe.concurrent('a job that', () => {
  it.for(STEPS)(
    '%s should not change what is told of it',
    async ([, jobScript, ending], { onTestFinished }) => {
      const task = await startTask({
        listener: { jobAfterSeconds: 0, jobSeconds: 1, result: 'Failed', jobScript: `${jobScript}; true` },
        environment: { ONESHOT_IDLE_TIMEOUT_SECONDS: '1' },
      });
      onTestFinished(task.cleanUp);
      expect(await task.ended, task.output().slice(-3000)).toMatchObject({ ending, leftover: [] });
    },
  );

  it('floods our pipe for a while should have run all the same', async ({ onTestFinished }) => {
    const task = await startTask({
      listener: {
        jobAfterSeconds: 0,
        jobSeconds: 1,
        result: 'Failed',
        jobScript: 'timeout 2 yes >"$RUNNER_PERFLOG/out"; true',
      },
    });
    onTestFinished(task.cleanUp);
    const { ending, leftover } = await task.ended;
    // Its own last line may have been spoilt.
    expect(['ran-failed', 'ran-result-unknown']).toContain(ending);
    expect(leftover).toEqual([]);
  });

  it.for([
    ['lines', 'timeout 15 yes flood'],
    ['a line without end', "timeout 15 tr '\\0' x </dev/zero"],
  ])(
    'floods our pipe with %s should not outlive the maximum age',
    { timeout: 600_000 },
    async ([, flood], { onTestFinished }) => {
      const task = await startTask({
        listener: { jobAfterSeconds: 0, jobSeconds: 600, jobScript: `${flood} >"$RUNNER_PERFLOG/out"` },
        environment: { ONESHOT_MAXIMUM_AGE_SECONDS: '3' },
      });
      onTestFinished(task.cleanUp);
      const { ending, leftover } = await task.ended;
      expect({ ending, leftover }).toEqual({ ending: 'over-maximum-age', leftover: [] });
    },
  );

  it.for<[string, string]>([
    ['a metric', `{"_aws":{"Timestamp":1,"CloudWatchMetrics":[]},"Launches":-1}`],
    ['a state of another runner', `{"oneshot":"state","state":"ended","runner":"other","exitCode":0}`],
    ['a metric behind the longest line', `$(printf '%020000d' 0){"_aws":{}}`],
  ])(
    'says %s through our pipe should have it passed on as text, in pieces that no log driver cuts',
    async ([, line], { onTestFinished }) => {
      const jobScript = `printf '%s\\n' "${line.replaceAll('"', '\\"')}" >"$RUNNER_PERFLOG/out"; true`;
      const task = await startTask({ listener: { jobAfterSeconds: 0, jobSeconds: 1, jobScript } });
      onTestFinished(task.cleanUp);
      await task.ended;
      const lines = task.output().split('\n');
      expect(task.output()).toMatch(/"_aws"|"other"/);
      expect(lines.filter((said) => !/^($|\| |oneshot: |\{"oneshot":"state",)/.test(said))).toEqual([]);
      expect(task.states().filter(({ runner }) => runner !== task.name)).toEqual([]);
      // Docker hands lines on in pieces of 16 KiB (moby, daemon/logger/copier.go).
      expect(Math.max(...lines.map((said) => Buffer.byteLength(said)))).toBeLessThan(16 * 1024);
    },
  );

  it('floods our pipe should be passed on up to a limit, and be watched all the same', async ({
    onTestFinished,
  }) => {
    const task = await startTask({
      edit: (script) => script.replace(/PASSED_LIMIT=.*/, 'PASSED_LIMIT=20000'),
      listener: {
        jobAfterSeconds: 0,
        jobSeconds: 1,
        jobScript: 'timeout 3 yes >"$RUNNER_PERFLOG/out"; true',
      },
    });
    onTestFinished(task.cleanUp);
    await task.ended;
    expect(task.output().length).toBeLessThan(40_000);
    expect(task.output().match(/nothing more is passed on/g)).toHaveLength(1);
    expect(task.states().at(-1)?.state).toBe('ended');
  });

  it('is long should be interrupted at the maximum age, not killed', async ({ onTestFinished }) => {
    const task = await startTask({ listener: { jobAfterSeconds: 0, jobSeconds: 600 }, hasClock: true });
    onTestFinished(task.cleanUp);
    await task.reaches('busy');
    task.setClock(21_600);
    expect(await task.ended, task.output()).toMatchObject({ code: 32, leftover: [], files: [] });
    expect(task.output()).toContain('completed with result: Canceled');
  });

  it('cleans up the temporary directory should succeed all the same', async ({ onTestFinished }) => {
    const task = await startTask({
      listener: { jobAfterSeconds: 0, jobSeconds: 0, jobScript: 'rm -rf "$TMPDIR"/* "$TMPDIR"/.[!.]*' },
    });
    onTestFinished(task.cleanUp);
    expect(await task.ended, task.output()).toMatchObject({ code: 0, leftover: [], files: [] });
  });

  /** Each kind of evidence by itself, the others taken away: by the job, by an edit of the script, by a silent end. */
  const noChild = (script: string) => script.replace('then find_worker_of_listener; elif', 'then :; elif');
  // Of a look every two seconds, so that one comes before the job, and none while it is there.
  const seldom = (script: string) =>
    noChild(script).replace('observe() {\n  pass_time', 'observe() {\n  read -r -t 2 -u "$silence" || true');
  const noMarks = (script: string) => script.replace('RUNNER_PERFLOG=$private', 'RUNNER_PERFLOG=/nowhere');
  it.for<[string, (script: string) => string, StandInScript]>([
    [
      'marks that it deletes',
      seldom,
      { jobAfterSeconds: 2.6, isSilentAtEnd: true, jobScript: 'rm -rf "$RUNNER_PERFLOG"' },
    ],
    ['a worker', noMarks, { isSilentAtEnd: true, jobSeconds: 1 }],
    ['the line of its end', (script) => noChild(noMarks(script)), {}],
  ])('leaves nothing but %s should be known to have run', async ([, edit, listener], { onTestFinished }) => {
    const task = await startTask({
      edit,
      listener: { jobAfterSeconds: 0.5, jobSeconds: 0, exitCode: 0, ...listener },
    });
    onTestFinished(task.cleanUp);
    expect(await task.ended, task.output()).toMatchObject({ code: 13, leftover: [] });
  });

  it('ends at once should be known to have run, though nothing was seen of its worker', async ({
    onTestFinished,
  }) => {
    const task = await startTask({
      listener: { jobAfterSeconds: 0, jobSeconds: 0, exitCode: 0, jobScript: 'rm -rf "$RUNNER_PERFLOG"' },
    });
    onTestFinished(task.cleanUp);
    expect(await task.ended, task.output()).toMatchObject({ code: 13, leftover: [] });
  });
});
