import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type Doubt, writeDoubt } from '../../functions/core/doubt.ts';
import type { ReconcileReport } from '../../functions/reconcile/reconcile.ts';
import { takeDoubt } from '../../functions/reconcile/take-doubt.ts';

const DOUBT: Doubt = {
  repository: {
    ...{ id: 700_000_001, owner: 'acme', name: 'web', ownerType: 'Organization' },
    ...{ isPublic: false, installationId: 77 },
  },
};
const REPORT: ReconcileReport = { plan: undefined, launches: [], doubtedAgain: false, longestWaitMs: 0 };
const message = (body: string) => ({ id: 'message-1', group: '700000001', body });
const ports = () => ({ reconcile: vi.fn(async () => REPORT), bury: vi.fn(async () => undefined) });

describe('a message of the doubt queue', () => {
  it('should be reconciled when it is a doubt', async () => {
    const given = ports();
    const taken = await takeDoubt(message(writeDoubt(DOUBT)), given);
    expect(taken).toEqual({ kind: 'reconciled', doubt: DOUBT, report: REPORT });
    expect(given.bury).not.toHaveBeenCalled();
  });

  it('should be buried at once with the reason when it is none, whatever it holds', () =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string(), fc.json(), fc.constantFrom('', '{}', '{"repository":null}')),
        async (body) => {
          const given = ports();
          expect(await takeDoubt(message(body), given)).toEqual({ kind: 'buried' });
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
    expect(await takeDoubt(message(writeDoubt(DOUBT)), given)).toMatchObject({
      kind: 'failed',
      doubt: DOUBT,
    });
    expect(await takeDoubt(message('no doubt'), given)).toMatchObject({ kind: 'failed', doubt: undefined });
  });
});
