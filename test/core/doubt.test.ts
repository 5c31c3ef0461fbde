import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Doubt,
  deduplicationIdOf,
  groupIdOf,
  raiseDoubt,
  readDoubt,
  writeDoubt,
} from '../../functions/core/plan/doubt.ts';
import { readTaskIdentity, writeTaskIdentity } from '../../functions/core/task/task-environment.ts';
import { WEB } from '../fixtures/tasks.ts';

const MINUTE_MS = 60_000;
const NOW_MS = 1_000 * MINUTE_MS;
const ids = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const counts = fc.integer({ min: 0, max: 10_000_000 });
const times = fc.integer({ min: 0, max: 2 ** 42 });
const fresh = raiseDoubt(WEB, NOW_MS);

const doubts: fc.Arbitrary<Doubt> = fc.record({
  repository: fc.constantFrom(WEB, {
    ...WEB,
    ...{ installationId: undefined, isPublic: true, ownerType: 'User' as const },
  }),
  jobIds: fc.array(ids, { maxLength: 10 }),
  endedJob: fc.option(fc.record({ runId: ids, atMs: times }), { nil: undefined }),
  lostJob: fc.option(fc.record({ jobId: ids, runnerName: fc.string(), spotRunners: fc.array(fc.string()) }), {
    nil: undefined,
  }),
  raisedAtMs: times,
  dueAtMs: times,
  listedAtMs: times,
  resumeAfterRunId: fc.option(ids, { nil: undefined }),
  sends: counts,
  readAtMs: fc.option(counts, { nil: undefined }),
  failures: counts,
});

describe('a doubt', () => {
  it('should come back from the message it makes', () => {
    fc.assert(
      fc.property(doubts, times, (doubt, nowMs) => {
        expect(readDoubt(writeDoubt(doubt), nowMs)).toEqual(doubt);
      }),
    );
  });

  it('should be new and due at once when it is raised', () => {
    const endedJob = { runId: 5, atMs: NOW_MS };
    expect(raiseDoubt(WEB, NOW_MS, { jobIds: [7], endedJob })).toEqual({
      ...{ repository: WEB, jobIds: [7], endedJob, raisedAtMs: NOW_MS, dueAtMs: NOW_MS, lostJob: undefined },
      ...{ listedAtMs: NOW_MS, resumeAfterRunId: undefined, sends: 0, failures: 0, readAtMs: undefined },
    });
  });

  it('should say of news that lists may not show it for a minute, and be due at once all the same', () => {
    expect(raiseDoubt(WEB, NOW_MS, { isNews: true })).toEqual({ ...fresh, listedAtMs: NOW_MS + MINUTE_MS });
  });

  it('should be read from a message of an older version, which names the repository alone', () => {
    expect(readDoubt(JSON.stringify({ repository: WEB }), NOW_MS)).toEqual(fresh);
  });

  it('should be read with defaults for fields that are not of their form', () => {
    const fields = {
      ...{ jobIds: [0, 7, '8', 1.5, null], endedJob: { runId: 'x' }, raisedAtMs: -1, dueAtMs: 'soon' },
      listedAtMs: '2026-11-23',
      ...{ resumeAfterRunId: -5, sends: 1.5, failures: null },
    };
    const body = JSON.stringify({ repository: WEB, ...fields });
    expect(readDoubt(body, NOW_MS)).toEqual({ ...fresh, jobIds: [7] });
  });

  it('should name ten jobs at most, however many it is raised or written with', () => {
    const jobIds = Array.from({ length: 30 }, (_, index) => index + 1);
    expect(raiseDoubt(WEB, NOW_MS, { jobIds }).jobIds).toEqual(jobIds.slice(0, 10));
    expect(readDoubt(JSON.stringify({ ...fresh, jobIds }), NOW_MS)?.jobIds).toEqual(jobIds.slice(0, 10));
  });

  it('should be read from doubts only, whatever the message', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        expect(readDoubt(body, NOW_MS)).toBeUndefined();
      }),
    );
    expect(
      readDoubt(JSON.stringify({ ...fresh, repository: { ...WEB, name: '../x' } }), NOW_MS),
    ).toBeUndefined();
    expect(readDoubt(JSON.stringify({ ...fresh, repository: { ...WEB, id: -1 } }), NOW_MS)).toBeUndefined();
  });
});

describe('the deduplication of doubts', () => {
  const named = raiseDoubt(WEB, NOW_MS, { jobIds: [7] });
  const ended = raiseDoubt(WEB, NOW_MS, { endedJob: { runId: 5, atMs: NOW_MS } });
  const putBack = { ...named, sends: 1, dueAtMs: NOW_MS + 5 * MINUTE_MS };

  it('should make a burst about a repository one message in 15 seconds', () => {
    const other = raiseDoubt({ ...WEB, id: 2 }, 0);
    expect(deduplicationIdOf(fresh, 60_000)).toBe(deduplicationIdOf(fresh, 74_999));
    expect(deduplicationIdOf(fresh, 75_000)).not.toBe(deduplicationIdOf(fresh, 74_999));
    expect(deduplicationIdOf(fresh, 0)).not.toBe(deduplicationIdOf(other, 0));
    expect(groupIdOf(fresh)).not.toBe(groupIdOf(other));
    expect(groupIdOf(putBack)).toBe(groupIdOf(fresh));
  });

  it('should drop none for one that says less, nor a new one for one that is not due yet', () => {
    const news = raiseDoubt(WEB, NOW_MS, { isNews: true });
    const all = [fresh, named, news, { ...news, jobIds: [7] }, ended, putBack];
    expect(new Set(all.map((doubt) => deduplicationIdOf(doubt, NOW_MS))).size).toBe(all.length);
  });

  it('should tell a doubt that is put back from any new one, and from itself 15 seconds later', () => {
    const sent = doubts.map((doubt) => ({ ...doubt, sends: doubt.sends + 1 }));
    const raised = doubts.map((doubt) => ({ ...doubt, sends: 0 }));
    fc.assert(
      fc.property(sent, raised, times, (again, one, nowMs) => {
        expect(deduplicationIdOf(again, nowMs)).not.toBe(deduplicationIdOf(one, nowMs));
        expect(deduplicationIdOf(again, nowMs)).not.toBe(deduplicationIdOf(again, nowMs + 15_000));
      }),
    );
  });

  it('should keep apart what was put back in one minute for different times', () => {
    const later = { ...putBack, dueAtMs: NOW_MS + 6 * MINUTE_MS };
    expect(deduplicationIdOf(later, NOW_MS)).not.toBe(deduplicationIdOf(putBack, NOW_MS));
  });

  it('should make ids that SQS takes', () => {
    fc.assert(
      fc.property(doubts, times, (doubt, nowMs) => {
        expect(deduplicationIdOf(doubt, nowMs)).toMatch(/^[\w-]{1,128}$/);
      }),
    );
  });
});

describe('a task’s identity', () => {
  it('should come back from the environment it makes', () => {
    const identity = {
      repository: WEB,
      scope: 'orgs/acme',
      runnerId: 7,
      labels: ['fargate', 'arm64'],
    } as const;
    expect(readTaskIdentity(new Map(Object.entries(writeTaskIdentity(identity))), WEB.id)).toEqual(identity);
  });

  it.each(['ONESHOT_RUNNER_ID', 'ONESHOT_RUNNER_SCOPE', 'ONESHOT_REPOSITORY'])(
    'should not be read without %s',
    (name) => {
      const written = writeTaskIdentity({ repository: WEB, scope: 'orgs/acme', runnerId: 7, labels: [] });
      expect(
        readTaskIdentity(new Map(Object.entries(written).filter(([key]) => key !== name)), 1),
      ).toBeUndefined();
    },
  );
});
