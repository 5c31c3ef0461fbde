import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deduplicationIdOf, groupIdOf, readDoubt, writeDoubt } from '../../functions/core/doubt.ts';
import { readTaskIdentity, writeTaskIdentity } from '../../functions/core/task-environment.ts';
import { WEB } from '../fixtures/tasks.ts';

describe('a doubt', () => {
  it('should come back from the message it makes', () => {
    for (const repository of [
      WEB,
      { ...WEB, installationId: undefined, isPublic: true, ownerType: 'User' as const },
    ])
      expect(readDoubt(writeDoubt({ repository }))).toEqual({ repository });
  });

  it('should be read from nothing else, whatever the message', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        expect(readDoubt(body)).toBeUndefined();
      }),
    );
    expect(readDoubt(JSON.stringify({ repository: { ...WEB, name: '../x' } }))).toBeUndefined();
    expect(readDoubt(JSON.stringify({ repository: { ...WEB, id: -1 } }))).toBeUndefined();
  });

  it('should be one message for a repository and a minute', () => {
    const other = { repository: { ...WEB, id: 2 } };
    const doubt = { repository: WEB };
    expect(deduplicationIdOf(doubt, 60_000)).toBe(deduplicationIdOf(doubt, 119_999));
    expect(deduplicationIdOf(doubt, 120_000)).not.toBe(deduplicationIdOf(doubt, 119_999));
    expect(deduplicationIdOf(doubt, 0)).not.toBe(deduplicationIdOf(other, 0));
    expect(groupIdOf(doubt)).not.toBe(groupIdOf(other));
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
