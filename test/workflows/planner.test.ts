import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Conclusion } from '../../local/github/types.ts';
import {
  type GroupState,
  isRunOver,
  type JobState,
  nextSteps,
  type RunState,
} from '../../local/workflows/planner.ts';
import type { JobTemplate, Workflow } from '../../local/workflows/workflow.ts';

const template = (key: string, rest: Partial<JobTemplate> = {}): JobTemplate => ({
  ...{ key, needs: [], condition: 'success()', runsOn: 'x', place: {}, ignored: [] },
  definition: { key, steps: [] },
  ...rest,
});
const workflow = (...jobs: JobTemplate[]): Workflow => ({ file: 'ci.yml', name: 'CI', jobs, ignored: [] });
const matrix = (size: number, more: Readonly<Record<string, boolean>> = {}) => ({
  strategy: {
    type: 2 as const,
    map: [
      ...Object.entries(more).map(([Key, Value]) => ({ Key, Value })),
      {
        Key: 'matrix',
        Value: {
          type: 2 as const,
          map: [{ Key: 'n', Value: { type: 1 as const, seq: Array.from({ length: size }, (_, n) => n) } }],
        },
      },
    ],
  },
});

const job = (id: number, conclusion: Conclusion | null, rest: Partial<JobState> = {}): JobState => ({
  ...{ id, conclusion, outputs: {}, continueOnError: false, isCancelled: false },
  ...rest,
});
const group = (...jobs: JobState[]): GroupState => ({ jobs, failFast: true });
const state = (groups: Readonly<Record<string, GroupState>>, isCancelled = false): RunState => ({
  groups: new Map(Object.entries(groups)),
  isCancelled,
});

/** `queue b`, `skip c`, `cancel 3` */
const stepsOf = (flow: Workflow, run: RunState): string[] =>
  nextSteps(flow, run, { github: {}, inputs: {}, vars: {} }).map((step) =>
    step.kind === 'cancel' ? `cancel ${step.jobId}` : `${step.kind} ${step.job.key}`,
  );

describe('a job', () => {
  const chain = (condition: string) =>
    workflow(template('a'), template('b', { needs: ['a'] }), template('c', { needs: ['b'], condition }));
  const after = (a: Conclusion, b: Conclusion, condition: string) =>
    stepsOf(chain(condition), state({ a: group(job(1, a)), b: group(job(2, b)) }));

  it('should wait for all that it needs', () => {
    const flow = workflow(template('a'), template('b'), template('c', { needs: ['a', 'b'] }));
    expect(stepsOf(flow, state({}))).toEqual(['queue a', 'queue b']);
    expect(stepsOf(flow, state({ a: group(job(1, 'success')), b: group(job(2, null)) }))).toEqual([]);
    expect(stepsOf(flow, state({ a: group(job(1, 'success')), b: group(job(2, 'success')) }))).toEqual([
      'queue c',
    ]);
  });

  it.each<[Conclusion, Conclusion, string, string]>([
    ['success', 'success', 'success()', 'queue c'],
    ['success', 'failure', 'success()', 'skip c'],
    ['success', 'skipped', 'success()', 'skip c'],
    ['success', 'cancelled', 'success()', 'skip c'],
    // Of all jobs before it, not only of those that it names.
    ['failure', 'success', 'success()', 'skip c'],
    ['skipped', 'success', 'success()', 'skip c'],
    ['failure', 'skipped', 'failure()', 'queue c'],
    ['success', 'failure', 'failure()', 'queue c'],
    ['success', 'success', 'failure()', 'skip c'],
    ['success', 'cancelled', 'failure()', 'skip c'],
    ['failure', 'success', "success('b')", 'queue c'],
    ['failure', 'success', "failure('b')", 'skip c'],
    ['failure', 'skipped', 'always()', 'queue c'],
    ['failure', 'skipped', '!cancelled()', 'queue c'],
    ['failure', 'skipped', 'cancelled()', 'skip c'],
    ['failure', 'skipped', "always() && needs.b.result == 'skipped'", 'queue c'],
    ['failure', 'success', "always() && needs.a.result == 'failure'", 'skip c'],
    ['success', 'success', "success() && (github.x == 'y')", 'skip c'],
  ])('should after %s and %s, with if: %s, %s', (a, b, condition, expected) => {
    expect(after(a, b, condition)).toEqual([expected]);
  });

  it('should fail in GitHub’s words where its condition or its matrix makes no sense', () => {
    const flow = workflow(template('a', { condition: 'fromJSON(github.x)' }), template('b', matrix(0)));
    expect(nextSteps(flow, state({}), {})).toMatchObject([
      { kind: 'fail', reason: "Error when evaluating 'if' for job 'a'. empty input" },
      {
        kind: 'fail',
        reason: "Error when evaluating 'strategy' for job 'b'. Matrix vector 'n' does not contain any values",
      },
    ]);
  });

  it('should see the results and outputs of what it needs', () => {
    const flow = workflow(
      template('a'),
      template('z'),
      template('b', { needs: ['a'], condition: 'always()' }),
    );
    const a = group(
      job(1, 'success', { outputs: { x: 'first', y: 'one' } }),
      job(2, 'failure', { outputs: { x: 'second', y: '' }, continueOnError: true }),
    );
    expect(nextSteps(flow, state({ a, z: group(job(3, null)) }), {})).toMatchObject([
      { kind: 'queue', needs: { a: { result: 'success', outputs: { x: 'second', y: 'one' } } } },
    ]);
  });
});

describe('a matrix', () => {
  const flow = workflow(template('a', matrix(3)), template('b', { needs: ['a'], condition: 'always()' }));
  const fails = (rest: Partial<JobState> = {}, failFast = true) =>
    stepsOf(
      flow,
      state({ a: { jobs: [job(1, 'failure', rest), job(2, null), job(3, 'success')], failFast } }),
    );

  it('should be cancelled with the first that fails, and once', () => {
    expect(fails()).toEqual(['cancel 2']);
    const told = group(job(1, 'failure'), job(2, null, { isCancelled: true }));
    expect(stepsOf(flow, state({ a: told }))).toEqual([]);
  });

  it('should continue without fail-fast, and where the job may fail', () => {
    expect(fails({}, false)).toEqual([]);
    expect(fails({ continueOnError: true })).toEqual([]);
  });

  it.each<[readonly Conclusion[], Conclusion]>([
    [['success', 'failure', 'cancelled'], 'failure'],
    [['success', 'cancelled'], 'cancelled'],
    [['success', 'success'], 'success'],
    [['skipped'], 'skipped'],
  ])('should with %j be a %s', (conclusions, result) => {
    const a = group(...conclusions.map((conclusion, id) => job(id, conclusion)));
    expect(nextSteps(flow, state({ a }), {})).toMatchObject([{ needs: { a: { result } } }]);
  });
});

describe('a run that somebody cancels', () => {
  it('should end but for jobs that say that they continue', () => {
    const flow = workflow(
      template('a'),
      template('b', { condition: 'always()' }),
      template('c', { needs: ['a'] }),
      template('d', { needs: ['a'], condition: 'cancelled()' }),
    );
    const running = { a: group(job(1, null)), b: group(job(2, null)) };
    expect(stepsOf(flow, state(running, true))).toEqual(['cancel 1']);
    const over = { a: group(job(1, 'cancelled')), b: group(job(2, null)) };
    expect(stepsOf(flow, state(over, true))).toEqual(['skip c', 'queue d']);
  });
});

describe('any run', () => {
  const conditions = [
    'success()',
    'always()',
    'failure()',
    '!cancelled()',
    "always() && needs.j0.result == 'success'",
  ];
  const graphs = fc
    .array(
      fc.record({
        needs: fc.array(fc.nat(), { maxLength: 3 }),
        condition: fc.constantFrom(...conditions),
        size: fc.integer({ min: 1, max: 3 }),
        failFast: fc.boolean(),
      }),
      { minLength: 1, maxLength: 8 },
    )
    .map((jobs) =>
      workflow(
        ...jobs.map(({ needs, condition, size, failFast }, index) => {
          const before = index === 0 ? [] : [...new Set(needs.map((need) => `j${need % index}`))];
          return template(`j${index}`, {
            needs: before,
            condition,
            ...matrix(size, { 'fail-fast': failFast }),
          });
        }),
      ),
    );
  const endings = fc.array(
    fc.tuple(fc.nat(), fc.constantFrom<Conclusion>('success', 'success', 'failure', 'cancelled')),
    { minLength: 1, maxLength: 40 },
  );

  /** Plays a run with chance ends; at one of them it is cancelled. Answers what happened, in order. */
  function play(flow: Workflow, chances: readonly [number, Conclusion][], cancelAt: number) {
    const groups = new Map<string, GroupState>();
    const begun: { key: string; needs: boolean }[] = [];
    let id = 0;
    for (let round = 0; round < 200; round++) {
      const run = { groups, isCancelled: round >= cancelAt };
      const steps = nextSteps(flow, run, { github: {}, inputs: {}, vars: {} });
      for (const step of steps) {
        if (step.kind === 'cancel') change(groups, step.jobId, { isCancelled: true });
        else {
          const areOver = step.job.needs.every((key) =>
            groups.get(key)?.jobs.every(({ conclusion }) => conclusion !== null),
          );
          begun.push({ key: step.job.key, needs: areOver });
          const made =
            step.kind === 'queue'
              ? step.expansion.jobs.map(() => job(id++, null))
              : [job(id++, step.kind === 'skip' ? 'skipped' : 'failure')];
          groups.set(step.job.key, {
            jobs: made,
            failFast: step.kind === 'queue' && step.expansion.failFast,
          });
        }
      }
      const alive = [...groups.values()]
        .flatMap(({ jobs }) => jobs)
        .filter(({ conclusion }) => conclusion === null);
      const [choice, conclusion] = chances[round % chances.length] ?? [0, 'success'];
      const one = alive[choice % alive.length];
      if (one !== undefined)
        change(groups, one.id, { conclusion: one.isCancelled ? 'cancelled' : conclusion });
      else if (steps.length === 0) return { groups, begun, isOver: isRunOver(flow, run) };
    }
    throw new Error('the run does not end');
  }

  function change(groups: Map<string, GroupState>, id: number, changes: Partial<JobState>): void {
    for (const [key, { jobs, ...rest }] of groups)
      groups.set(key, { ...rest, jobs: jobs.map((one) => (one.id === id ? { ...one, ...changes } : one)) });
  }

  it('should begin each job once, not before its needs are over, and end', () => {
    fc.assert(
      fc.property(graphs, endings, fc.nat(40), (flow, chances, cancelAt) => {
        const { groups, begun, isOver } = play(flow, chances, cancelAt);
        expect(isOver).toBe(true);
        expect(begun.every(({ needs }) => needs)).toBe(true);
        expect(begun.map(({ key }) => key).toSorted()).toEqual(flow.jobs.map(({ key }) => key).toSorted());
        for (const { key, condition, needs } of flow.jobs) {
          const jobs = groups.get(key)?.jobs ?? [];
          expect(jobs.every(({ conclusion }) => conclusion !== null)).toBe(true);
          if (condition === 'always()')
            expect(jobs.map(({ conclusion }) => conclusion)).not.toContain('skipped');
          const failed = needs.some((need) =>
            groups.get(need)?.jobs.some(({ conclusion }) => conclusion !== 'success'),
          );
          if (condition === 'success()' && failed)
            expect(jobs.map(({ conclusion }) => conclusion)).toEqual(['skipped']);
        }
      }),
      { numRuns: 300 },
    );
  });
});
