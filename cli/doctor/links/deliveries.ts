import type { DeliveryFact } from '../../../functions/core/ports.ts';
import { listDeliveries } from '../../../functions/github/deliveries.ts';
import { fail, judged, link, ok, tried, type Verdict, warn } from '../link.ts';
import { asApp } from './app.ts';

const HOUR_MS = 3_600_000;

const DELIVERIES = tried(async ({ now }, ask) => {
  const all = await listDeliveries(await ask(asApp), now() - HOUR_MS);
  return all.filter(({ event }) => event === 'workflow_job');
});

export const deliveries = link({
  id: 'deliveries',
  title: 'deliveries arrive',
  tries: 'GET /app/hook/deliveries of the last hour',
  needs: ['hook', 'secret', 'events', 'installation'],
  reads: { deliveries: DELIVERIES },
  judge: (seen) => judged(seen.deliveries, 'check whether GitHub is up (githubstatus.com)', judgeDeliveries),
});

/** What to do about a delivery that failed, by its status. */
const FIXES: ReadonlyArray<readonly [statuses: readonly number[], fix: string]> = [
  [
    [401],
    'the App’s webhook secret and the parameter webhook-secret differ: store the App’s, or run oneshot setup',
  ],
  [[403, 404], 'the webhook’s address belongs to no deployment: oneshot setup sets it'],
  [
    [429, 503],
    'it was throttled, or the function failed: check Lambda’s concurrency and the webhook function’s log',
  ],
  [
    [502, 504, 0],
    'GitHub got no answer in ten seconds: look for timeouts in the webhook function’s log, and check that the internet reaches the API',
  ],
];
const OTHER_FIX =
  'the App’s settings, Advanced, show each answer; the log of the webhook function has the cause';

function judgeDeliveries(all: readonly Pick<DeliveryFact, 'statusCode'>[]): Verdict {
  const failed = all.filter(({ statusCode }) => statusCode < 200 || statusCode >= 300);
  const [newest] = all;
  if (newest === undefined)
    return warn(
      'none in the last hour',
      'run a workflow; if none comes, check that the webhook is active in the App’s settings',
    );
  if (failed.length === 0) return ok(`${all.length} in the last hour, all answered`);
  const codes = [...new Set(failed.map(({ statusCode }) => statusCode))].join(', ');
  const seen = `${failed.length} of ${all.length} in the last hour failed (${codes})`;
  if (!failed.includes(newest)) return warn(seen, 'the newest arrived; the sweep has the others sent again');
  return fail(seen, FIXES.find(([statuses]) => statuses.includes(newest.statusCode))?.[1] ?? OTHER_FIX);
}
