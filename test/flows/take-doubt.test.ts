import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type Doubt, raiseDoubt, writeDoubt } from '../../functions/core/plan/doubt.ts';
import type { ReconcileReport } from '../../functions/reconcile/reconcile.ts';
import { takeDoubt } from '../../functions/reconcile/take-doubt.ts';
import { WEB } from '../fixtures/tasks.ts';

const NOW_MS = 1_000_000;
const DOUBT = raiseDoubt(WEB, NOW_MS, { jobIds: [7] });
const REPORT: ReconcileReport = {
  ...{ plan: undefined, look: undefined, launches: [] },
  ...{ next: { kind: 'settled' }, longestWaitMs: 0, stuck: [] },
};
const message = (body: string) => ({ id: 'message-1', group: '1', body });
const ports = () => ({
  reconcile: vi.fn(async (_doubt: Doubt) => REPORT),
  bury: vi.fn(async () => undefined),
});

describe('a message of the doubt queue', () => {
  it('should be reconciled when it is a doubt', async () => {
    const given = ports();
    const taken = await takeDoubt(message(writeDoubt(DOUBT)), given, NOW_MS);
    expect(taken).toEqual({ kind: 'reconciled', doubt: DOUBT, report: REPORT });
    expect(given.reconcile.mock.calls).toEqual([[DOUBT]]);
    expect(given.bury).not.toHaveBeenCalled();
  });

  it('should be in doubt since it was read, where an older version wrote it', async () => {
    const given = ports();
    await takeDoubt(message(JSON.stringify({ repository: WEB })), given, NOW_MS);
    expect(given.reconcile.mock.calls).toEqual([[raiseDoubt(WEB, NOW_MS)]]);
  });

  it('should be buried at once with the reason when it is none, whatever it holds', () =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string(), fc.json(), fc.constantFrom('', '{}', '{"repository":null}')),
        async (body) => {
          const given = ports();
          expect(await takeDoubt(message(body), given, NOW_MS)).toEqual({ kind: 'buried' });
          const reason = expect.stringContaining('not a doubt');
          expect(given.bury.mock.calls).toEqual([[{ ...message(body), reason }]]);
          expect(given.reconcile).not.toHaveBeenCalled();
        },
      ),
    ));

  it('should stay in the queue when it could be neither reconciled nor buried', async () => {
    const given = ports();
    given.reconcile.mockRejectedValueOnce(new Error('SQS is down'));
    given.bury.mockRejectedValueOnce(new Error('SQS is down'));
    expect(await takeDoubt(message(writeDoubt(DOUBT)), given, NOW_MS)).toMatchObject({
      kind: 'failed',
      doubt: DOUBT,
    });
    expect(await takeDoubt(message('no doubt'), given, NOW_MS)).toMatchObject({
      kind: 'failed',
      doubt: undefined,
    });
  });
});
