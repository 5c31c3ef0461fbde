import { counted } from '../../../functions/core/words/count.ts';
import { span } from '../../units.ts';
import { NOW_MS, ofLastHour } from '../last-hour.ts';
import { fail, judged, link, ok, tried } from '../link.ts';

const MINUTE_MS = 60_000;
const SILENT_MS = 5 * MINUTE_MS;

/** `undefined` where no sweep wrote anything. */
const LAST_SWEEP = tried(
  ofLastHour(({ sweptAtMs, faults }) => {
    if (sweptAtMs === undefined) return undefined;
    const failed = faults.filter(({ service, atMs }) => service === 'sweep' && atMs >= sweptAtMs);
    return { lastAtMs: sweptAtMs, lastErrors: failed.map(({ message, detail }) => detail ?? message) };
  }),
);

export const sweep = link({
  id: 'sweep',
  title: 'the sweep runs',
  tries: 'its log of the last hour',
  needs: ['functions', 'app'],
  reads: { nowMs: NOW_MS, sweep: LAST_SWEEP },
  judge: ({ nowMs, ...seen }) =>
    judged(seen.sweep, 'allow this identity to read the functions’ logs (logs:FilterLogEvents)', (last) => {
      if (last === undefined || nowMs - last.lastAtMs > SILENT_MS)
        return fail(
          last === undefined
            ? 'not in the last hour'
            : `not for ${counted(Math.round((nowMs - last.lastAtMs) / MINUTE_MS), 'minute')}`,
          'check that its schedule is enabled (EventBridge, Rules), and that the account has concurrency left (Lambda)',
        );
      return last.lastErrors.length === 0
        ? ok(`${span(nowMs - last.lastAtMs)} ago`)
        : fail(last.lastErrors.join('; '), 'fix what it names; the next sweep is the retry');
    }),
});
