import { describe, expect, it } from 'vitest';
import { tellStory } from '../../cli/doctor/story.ts';
import { foldSnapshot } from '../../cli/observe/fold.ts';
import { type LogRecord, readRecords } from '../../cli/observe/records.ts';
import { countStops } from '../../cli/observe/unusual-stop.ts';
import type { TaskEnding } from '../../functions/core/task/exit-codes.ts';
import type { SettledTask } from '../../functions/records/settled.ts';
import { PREFIX } from '../fixtures/tasks.ts';
import { delivery, launch, NO_FACTS, stopped } from './records.ts';

const SPOT = {
  stopCode: 'SpotInterruption',
  stoppedReason: 'Your Spot Task was interrupted.',
  cause: 'spot',
};
const PULL = {
  stopCode: 'TaskFailedToStart',
  stoppedReason: 'CannotPullContainerError',
  cause: 'image-pull',
};

/** A stopped task as its record is read back from the log. */
function stoppedWith(told: object, ending: TaskEnding = 'unexplained', jobId = 7): LogRecord {
  const written = stopped(50, jobId, ending) as { readonly task: SettledTask };
  const line = { service: 'oneshot-settle', level: 'INFO', message: 'task stopped', ...written.task };
  const [record] = readRecords(
    { id: `e${jobId}`, atMs: 50, message: JSON.stringify({ ...line, ...told }) },
    '',
  );
  if (record === undefined) throw new Error('the record was not understood');
  return record;
}

function fold(...records: readonly LogRecord[]) {
  const folding = {
    stack: 'oneshot-dev',
    region: 'us-east-1',
    prefix: PREFIX,
    githubUrl: 'https://github.com',
    sinceMs: 0,
    nowMs: 100,
  };
  const all = [delivery(10, 7, 'queued', { queuedAtMs: 5 }), launch(10, 7), ...records];
  const snapshot = foldSnapshot({ ...NO_FACTS, records: all }, folding);
  const job = snapshot.jobs.find(({ jobId }) => jobId === 7);
  return { story: job && tellStory(job, { snapshot, records: all }), tasks: snapshot.tasks };
}

describe('the story of a job whose task was stopped', () => {
  it('should say what stopped it, in a word and in ECS’s own', () => {
    const { story } = fold(stoppedWith(PULL));
    expect(story?.chapters.at(-1)?.what).toMatch(
      /unexplained; image-pull: the image could not be pulled.*; CannotPullContainerError$/,
    );
    expect(story?.verdict).toMatch(/ended as unexplained \(image-pull: the image could not be pulled/);
  });

  it.each([
    [
      stoppedWith({ cause: 'supervisor' }, 'ran-out-of-memory'),
      /it had 2 GiB of memory; for more, memory=4 in the label/,
    ],
    [
      stoppedWith({ cause: 'supervisor' }, 'ran-out-of-disk'),
      /it had 20 GiB of disk; for more, storage=40 in the label/,
    ],
    [stoppedWith({ cause: 'out-of-memory' }), /it had 2 GiB of memory; for more, memory=4 in the label/],
    [stoppedWith({ cause: 'disk-full' }), /it had 20 GiB of disk; for more, storage=40 in the label/],
  ])('should say what it ran out of, how much it had and what gives more (%#)', (record, words) => {
    const { story } = fold(record);
    expect(story?.chapters.at(-1)?.what).toMatch(words);
    expect(story?.verdict).toMatch(words);
    const done = fold(record, delivery(60, 7, 'completed', { queuedAtMs: 5, conclusion: 'failure' })).story;
    expect(done?.verdict).toMatch(words);
    expect(done?.isWell).toBe(false);
  });

  it('should have nothing to say of a job that ended in want of nothing', () => {
    const done = fold(stopped(50, 7), delivery(60, 7, 'completed', { queuedAtMs: 5, conclusion: 'success' }));
    expect(done.story).toMatchObject({ verdict: 'It ended well.', isWell: true });
  });

  it('should leave out what says no more than the ending', () => {
    const exited = { stopCode: 'EssentialContainerExited', cause: 'supervisor' };
    expect(fold(stoppedWith(exited, 'idle')).story?.verdict).toMatch(
      /ended as idle\. Reconcile launches another/,
    );
  });

  it('should be told of a record that an earlier version wrote, and of a cause that a later one will', () => {
    expect(fold(stoppedWith({})).story?.verdict).toMatch(/ended as unexplained\. /);
    expect(fold(stoppedWith({ cause: 'weather' })).story?.verdict).toMatch(
      /ended as unexplained \(unknown: /,
    );
  });
});

describe('counting what stopped tasks', () => {
  it('should leave out those that came to their job’s end, and those that ended by themselves', () => {
    const { tasks } = fold(
      stoppedWith(PULL, 'unexplained', 1),
      stoppedWith(SPOT, 'interrupted-during-job', 2),
      stoppedWith(PULL, 'unexplained', 3),
      stoppedWith(SPOT, 'ran-succeeded', 4),
      stoppedWith({ cause: 'supervisor' }, 'idle', 5),
    );
    expect(Object.fromEntries(countStops(tasks))).toEqual({ 'image-pull': 2, spot: 1 });
  });
});
