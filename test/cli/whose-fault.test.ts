import { describe, expect, it } from 'vitest';
import { foldSnapshot } from '../../cli/observe/fold.ts';
import { type LogRecord, readRecords } from '../../cli/observe/records.ts';
import { BLAMES } from '../../cli/observe/why/blame.ts';
import { createVerdict } from '../../cli/observe/why/whose-fault.ts';
import type { TaskEnding } from '../../functions/core/task/exit-codes.ts';
import type { SettledTask } from '../../functions/records/settled.ts';
import { PREFIX } from '../fixtures/tasks.ts';
import { delivery, launch, NO_FACTS, runnerOf, state, stopped } from './records.ts';

const DAY_MS = 24 * 3_600_000;

function verdict(...records: readonly LogRecord[]) {
  const folding = {
    stack: 'oneshot-dev',
    region: 'us-east-1',
    prefix: PREFIX,
    githubUrl: 'https://github.com',
    sinceMs: 0,
  };
  const snapshot = foldSnapshot({ ...NO_FACTS, records }, { ...folding, nowMs: 2 * DAY_MS });
  const job = snapshot.jobs.find(({ jobId }) => jobId === 7);
  return job && createVerdict(snapshot)(job);
}

const QUEUED = delivery(2, 7, 'queued', { queuedAtMs: 1 });
const LAUNCHED = launch(3, 7);
const RUNS = delivery(40, 7, 'in_progress', { runner: runnerOf(7), startedAtMs: 39, reason: 'marked' });
const STARTED = [QUEUED, LAUNCHED, RUNS];
const ended = (conclusion: string, told: object = {}, atMs = 90) =>
  delivery(atMs, 7, 'completed', { runner: runnerOf(7), conclusion, ...told });

function task(ending: TaskEnding, told: object = {}): LogRecord {
  const written = stopped(95, 7, ending) as { readonly task: SettledTask };
  const line = {
    service: 'oneshot-settle',
    level: 'INFO',
    message: 'task stopped',
    ...written.task,
    ...told,
  };
  const [record] = readRecords({ id: 'stop', atMs: 95, message: JSON.stringify(line) }, 'settle');
  if (record === undefined) throw new Error('the record was not understood');
  return record;
}
const cause = (name: string, stoppedReason = 'ECS’s words') => ({ cause: name, stoppedReason });

const CASES: readonly [kind: keyof typeof BLAMES, whose: string, words: RegExp, records: LogRecord[]][] = [
  ['succeeded', 'nobody', /^It ended well\.$/, [...STARTED, ended('success'), task('ran-succeeded')]],
  [
    'step-failed',
    'job',
    /^The job itself failed \(its step “Test” failed; its task ended as ran-failed\)\.$/,
    [...STARTED, ended('failure', { failedStep: 'Test' }), task('ran-failed')],
  ],
  ['job-failed', 'job', /its task ended as ran-failed/, [...STARTED, ended('failure'), task('ran-failed')]],
  ['timed-out', 'job', /timeout-minutes/, [...STARTED, ended('timed_out'), task('ran-failed')]],
  [
    'unservable',
    'job',
    /no such size/,
    [
      delivery(2, 7, 'queued', { queuedAtMs: 1, reason: 'size-unknown', answer: 'no such size' }),
      ...[LAUNCHED, ended('failure'), task('ran-rejected')],
    ],
  ],
  [
    'out-of-memory',
    'runner',
    /it had 2 GiB of memory; for more, memory=4 in the label/,
    [...STARTED, ended('failure', { failedStep: 'Test' }), task('ran-out-of-memory')],
  ],
  ['out-of-disk', 'runner', /storage=40/, [...STARTED, ended('failure'), task('ran-out-of-disk')]],
  [
    'docker-lost',
    'runner',
    /ran-docker-lost/,
    [...STARTED, ended('failure', { failedStep: 'Test' }), task('ran-docker-lost')],
  ],
  ['lost-contact', 'runner', /ran-abandoned/, [...STARTED, ended('failure'), task('ran-abandoned')]],
  [
    'over-maximum-age',
    'oneshot',
    /maximumAgeSeconds/,
    [...STARTED, ended('failure'), task('over-maximum-age')],
  ],
  [
    'stopped-by-sweep',
    'oneshot',
    /ECS’s words/,
    [...STARTED, ended('failure'), task('interrupted-during-job', cause('stopped-by-sweep'))],
  ],
  [
    'stopped-by-hand',
    'oneshot',
    /oneshot stop/,
    [...STARTED, ended('failure'), task('interrupted-during-job', cause('stopped-by-hand'))],
  ],
  [
    'never-launched',
    'oneshot',
    /\(no quota\)/,
    [
      QUEUED,
      launch(3, 7, { kind: 'refused', detail: 'no quota' }),
      ended('failure', { runner: undefined }, DAY_MS + 9),
    ],
  ],
  [
    'task-failed',
    'oneshot',
    /CannotPull/,
    [...STARTED, ended('failure'), task('unexplained', cause('image-pull', 'CannotPull'))],
  ],
  ['spot', 'aws', /Spot/, [...STARTED, ended('failure'), task('interrupted-during-job', cause('spot'))]],
  [
    'no-capacity',
    'aws',
    /no room/,
    [...STARTED, ended('failure'), task('unexplained', cause('no-capacity'))],
  ],
  ['host', 'aws', /machine/, [...STARTED, ended('failure'), task('unexplained', cause('host'))]],
  [
    'never-assigned',
    'github',
    /ended as idle/,
    [
      QUEUED,
      LAUNCHED,
      state(50, 'idle', 7),
      task('idle'),
      ended('failure', { runner: undefined }, DAY_MS + 9),
    ],
  ],
  ['cancelled', 'github', /a newer run/, [...STARTED, ended('cancelled'), task('ran-cancelled')]],
  ['cancelled', 'github', /a person/, [QUEUED, ended('cancelled', { runner: undefined })]],
  ['not-started', 'github', /could not start/, [QUEUED, ended('startup_failure', { runner: undefined })]],
  ['skipped', 'github', /skipped/, [ended('skipped', { runner: undefined })]],
  ['elsewhere', 'nobody', /GitHub Actions 3/, [ended('failure', { runner: 'GitHub Actions 3' })]],
  ['unexplained', 'nobody', /\(failure\)/, [QUEUED, ended('failure', { runner: undefined })]],
];

describe('whose fault the end of a job was', () => {
  it.each(CASES)('should be %s: %s', (kind, whose, words, records) => {
    const told = verdict(...records);
    expect(told).toMatchObject({ kind, whose });
    expect(told?.text).toMatch(words);
    expect(told?.text).toMatch(/^\p{Lu}.*\.$|^oneshot/u);
  });

  it('should have a case for each', () => {
    const shown = new Set<string>(CASES.map(([kind]) => kind));
    expect(Object.keys(BLAMES).filter((kind) => !shown.has(kind))).toEqual([]);
  });

  it('should not be asked of a job that has not ended', () => {
    expect(verdict(...STARTED)).toBeUndefined();
  });

  it('should be the job’s where its runner was stopped after the job had come to its end', () => {
    const records = [...STARTED, ended('failure', { failedStep: 'Test' }), task('ran-failed', cause('spot'))];
    expect(verdict(...records)?.kind).toBe('step-failed');
  });

  it('should need somebody only where it is the runner’s or ours', () => {
    const needing = Object.entries(BLAMES).filter(([, row]) => 'isFault' in row);
    expect(needing.every(([, { whose }]) => whose === 'runner' || whose === 'oneshot')).toBe(true);
    expect(needing.length).toBeGreaterThan(0);
  });
});
