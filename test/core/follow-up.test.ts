import { describe, expect, it } from 'vitest';
import { type Doubt, raiseDoubt } from '../../functions/core/plan/doubt.ts';
import {
  followFailure,
  followLook,
  type Looked,
  putBack,
  type Waiting,
} from '../../functions/core/plan/follow-up.ts';
import { ServiceError } from '../../functions/core/words/errors.ts';
import { WEB } from '../fixtures/tasks.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const NOW_MS = 1_000 * HOUR_MS;
const fresh = raiseDoubt(WEB, NOW_MS, { jobIds: [7] });
const github = (status: number | undefined, message = 'no') =>
  new ServiceError(
    { service: 'github', operation: 'GET runs', ...(status !== undefined && { status }) },
    message,
  );
const waits = (jobId: number, dueInMs = 0): Waiting => ({ jobId, dueAtMs: NOW_MS + dueInMs });

const WHOLE: Looked = {
  look: { isWhole: true, resumeAfterRunId: undefined, problem: undefined },
  ...{ isNamedOnly: false, waiting: [], isHopeless: false, isContinued: true },
};
const PARTIAL: Looked = { ...WHOLE, look: { ...WHOLE.look, isWhole: false, resumeAfterRunId: 50 } };
const follow = (looked: Partial<Looked>, changes: Partial<Doubt> = {}, whole = WHOLE) =>
  followLook({ ...fresh, ...changes }, { ...whole, ...looked }, NOW_MS);
const dueInMs = (followUp: ReturnType<typeof putBack>) =>
  followUp.kind === 'again' ? followUp.doubt.dueAtMs - NOW_MS : followUp;

describe('a doubt whose repository could not be looked at', () => {
  it.each([
    ['is not there', github(404)],
    ['is gone', github(410)],
    ['is closed by law', github(451)],
    ['is of a suspended installation', github(403, 'This installation has been suspended')],
  ])('should end where it %s', (_, error) => {
    expect(followFailure(fresh, error, NOW_MS)).toEqual({ kind: 'ended', reason: 'repository-gone' });
  });

  it.each<[string, unknown]>([
    ['GitHub refuses', github(403)],
    ['GitHub is down', github(503)],
    ['GitHub does not answer', github(undefined)],
    ['ECS finds no cluster', new ServiceError({ service: 'ecs', operation: 'ListTasks', status: 404 }, 'no')],
    ['something else is wrong', new Error('account suspended')],
  ])('should be looked at again where %s', (_, error) => {
    expect(followFailure(fresh, error, NOW_MS)).toMatchObject({
      kind: 'again',
      doubt: { jobIds: [7], failures: 1, sends: 1, raisedAtMs: NOW_MS },
    });
  });

  it('should pause twice for 65 s, then twice as long each time up to 15 minutes, and end after six', () => {
    const pauses = [0, 1, 2, 3, 4, 5, 6].map((failures) =>
      dueInMs(followFailure({ ...fresh, failures }, github(503), NOW_MS)),
    );
    const seconds = [65, 65, 130, 260, 520, 900].map((pause) => pause * SECOND_MS);
    expect(pauses).toEqual([...seconds, { kind: 'ended', reason: 'repository-unreadable' }]);
  });
});

describe('a doubt that is put back', () => {
  it('should end when it is 25 hours old, or was sent 6,000 times', () => {
    const raisedAtMs = NOW_MS - 25 * HOUR_MS;
    const isEnded = (changes: Partial<Doubt>) => putBack({ ...fresh, ...changes }, NOW_MS, NOW_MS).kind;
    expect([isEnded({ raisedAtMs }), isEnded({ raisedAtMs: raisedAtMs - 1 })]).toEqual(['again', 'ended']);
    expect([isEnded({ sends: 5_999 }), isEnded({ sends: 6_000 })]).toEqual(['again', 'ended']);
    expect(putBack({ ...fresh, sends: 6_000 }, NOW_MS, NOW_MS)).toMatchObject({ reason: 'doubt-too-old' });
  });

  it('should not tell of the end of a job a second time', () => {
    const ended = { ...fresh, endedJob: { runId: 5, atMs: NOW_MS } };
    expect(putBack(ended, NOW_MS, NOW_MS)).toMatchObject({ doubt: { endedJob: undefined, sends: 1 } });
  });
});

describe('a doubt whose repository was looked at', () => {
  it.each<[string, Partial<Looked>, Partial<Doubt>]>([
    ['it was seen whole and nothing waits', WHOLE, {}],
    ['what is left unread is the next doubt’s', { ...PARTIAL, isContinued: false }, {}],
    ['it was resumed and came to its end', { look: { ...PARTIAL.look, resumeAfterRunId: undefined } }, {}],
    ['a job had ended and none waited for that', PARTIAL, { endedJob: { runId: 5, atMs: NOW_MS } }],
  ])('should be settled where %s', (_, looked, changes) => {
    expect(follow(looked, changes)).toEqual({ kind: 'settled' });
  });

  it.each<[string, Partial<Looked>, Looked]>([
    ['nothing waits', {}, WHOLE],
    ['what is left unread is the next doubt’s', { isContinued: false }, PARTIAL],
  ])('should be looked at once more where %s, while lists may be behind', (_, looked, whole) => {
    const news = { listedAtMs: NOW_MS + 40 * SECOND_MS };
    const again = follow(looked, news, whole);
    expect(again).toMatchObject({ kind: 'again', doubt: { ...news, jobIds: [7], sends: 1, failures: 0 } });
    expect(dueInMs(again)).toBe(40 * SECOND_MS);
    expect(follow(looked, { listedAtMs: NOW_MS + 1 }, whole).kind).toBe('again');
    expect(follow(looked, { listedAtMs: NOW_MS }, whole).kind).toBe('settled');
  });

  it('should begin that look from the start where this one came to the end, as if none had failed', () => {
    const news = { listedAtMs: NOW_MS + 1, resumeAfterRunId: 50, failures: 2 };
    expect(follow({}, news)).toMatchObject({ doubt: { resumeAfterRunId: undefined, failures: 0 } });
    expect(follow({ isContinued: false }, news, PARTIAL)).toMatchObject({ doubt: { resumeAfterRunId: 50 } });
  });

  it('should still name what it was raised for in a next part, as long as lists may be behind', () => {
    const namedAt = (listedInMs: number, waiting: readonly Waiting[] = []) => {
      const again = follow({ ...PARTIAL, waiting }, { listedAtMs: NOW_MS + listedInMs });
      return again.kind === 'again' && again.doubt.jobIds;
    };
    expect([namedAt(1), namedAt(0)]).toEqual([[7], []]);
    expect(namedAt(1, [waits(3), waits(7)])).toEqual([3, 7]);
    const many = Array.from({ length: 12 }, (_, index) => waits(index + 10));
    expect(namedAt(1, many)).toEqual(many.slice(0, 10).map(({ jobId }) => jobId));
  });

  it('should still name what it was raised for after a look that came to nothing', () => {
    const stuck = follow({}, { resumeAfterRunId: 50, listedAtMs: NOW_MS - 1 }, PARTIAL);
    expect(stuck).toMatchObject({ kind: 'again', doubt: { jobIds: [7], failures: 1 } });
    const problem = 'the list of runs took 20 s';
    const unread = follow({ look: { ...PARTIAL.look, problem } }, { listedAtMs: NOW_MS - 1 });
    expect(unread).toMatchObject({ kind: 'again', doubt: { jobIds: [7], failures: 1 } });
  });

  it('should be continued in 45 s where the look was not whole and calls are plenty', () => {
    expect(follow(PARTIAL)).toMatchObject({
      kind: 'again',
      doubt: { dueAtMs: NOW_MS + 45 * SECOND_MS, resumeAfterRunId: 50, failures: 0, jobIds: [] },
    });
  });

  it('should name the jobs that wait where it was not seen whole, ten at most, and be continued though all of them pause', () => {
    const waiting = Array.from({ length: 12 }, (_, index) => waits(index + 1, HOUR_MS));
    const again = follow({ ...PARTIAL, waiting, isContinued: false });
    expect(again).toMatchObject({ doubt: { jobIds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] } });
    expect(dueInMs(again)).toBe(45 * SECOND_MS);
  });

  it('should be due when the first job is that waits, and name none, where all were seen', () => {
    const waiting = [waits(1, 9 * MINUTE_MS), waits(2, 4 * MINUTE_MS)];
    expect(follow({ waiting })).toMatchObject({
      doubt: { dueAtMs: NOW_MS + 4 * MINUTE_MS, jobIds: [], resumeAfterRunId: undefined, failures: 0 },
    });
  });

  it('should be due in 45 s at the soonest, though a job may be launched before', () => {
    const soonest = (...dueInSeconds: number[]) =>
      dueInMs(follow({ waiting: dueInSeconds.map((seconds) => waits(1, seconds * SECOND_MS)) }));
    expect([soonest(-60), soonest(44), soonest(90, 10)]).toEqual(Array(3).fill(45 * SECOND_MS));
    expect(soonest(46)).toBe(46 * SECOND_MS);
  });

  it('should pause after a look that got nowhere, and give the next one more time', () => {
    const stuck = { look: { ...PARTIAL.look, resumeAfterRunId: 50 } };
    expect(follow(stuck, { resumeAfterRunId: 50, failures: 1 })).toMatchObject({
      doubt: { failures: 2, dueAtMs: NOW_MS + 65 * SECOND_MS },
    });
    expect(follow(stuck, { resumeAfterRunId: 49, failures: 1 })).toMatchObject({ doubt: { failures: 0 } });
    const atTheFirst = { look: { ...PARTIAL.look, resumeAfterRunId: 0 } };
    expect(follow(atTheFirst)).toMatchObject({ doubt: { failures: 1 } });
  });

  it('should not take a look at named jobs, which leaves the lists alone, for one that got nowhere', () => {
    const looked = { ...PARTIAL, isNamedOnly: true, waiting: [waits(7)] };
    expect(follow(looked, { resumeAfterRunId: 50, failures: 3 })).toMatchObject({ doubt: { failures: 0 } });
  });

  it('should pause where a part of it could not be read, though nothing is known to wait', () => {
    const look = { isWhole: false, resumeAfterRunId: undefined, problem: 'GitHub answered 502' };
    expect(follow({ look, isContinued: false })).toMatchObject({
      doubt: { failures: 1, dueAtMs: NOW_MS + 65 * SECOND_MS },
    });
  });

  it('should end as unreadable after six such looks', () => {
    const look = { isWhole: false, resumeAfterRunId: undefined, problem: 'GitHub answered 502' };
    expect(follow({ look }, { failures: 6 })).toEqual({ kind: 'ended', reason: 'repository-unreadable' });
  });

  it('should pause where no launch is possible, and end after six such rounds', () => {
    const hopeless = { waiting: [waits(1)], isHopeless: true };
    expect(dueInMs(follow(hopeless, { failures: 5 }))).toBe(15 * MINUTE_MS);
    expect(follow(hopeless, { failures: 6 })).toEqual({ kind: 'ended', reason: 'launches-refused' });
  });

  it('should forget earlier failures once a look comes to something', () => {
    expect(follow({ waiting: [waits(1)] }, { failures: 5 })).toMatchObject({ doubt: { failures: 0 } });
  });
});
