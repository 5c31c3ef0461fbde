import * as v from 'valibot';
import { fullName, type Repository } from '../core/job/repository.ts';
import { describeError } from '../core/words/errors.ts';
import type { Reason } from '../core/words/reasons.ts';
import { forPeople, schema, VERSION, version } from './parts.ts';

/** One pass of the sweep. */
export const SWEPT = /* @__PURE__ */ schema(() =>
  v.object({
    version,
    errors: v.optional(v.array(v.string())),
    seen: forPeople('how many tasks and registrations were seen'),
    stopped: forPeople('tasks that were stopped, and why'),
    removed: forPeople('registrations that were removed, and why'),
    left: forPeople('how many tasks and registrations were left alone, by reason'),
    doubted: forPeople('repositories that were put in doubt'),
    redelivered: forPeople('ids of deliveries that GitHub was asked to send again'),
    versionEndsSoon: forPeople('GitHub stops accepting the image’s runner soon'),
    isCutShort: forPeople('the time was over first; the next pass continues'),
  }),
);

interface Item {
  readonly runnerName: string;
  readonly reason: Reason;
}

interface Swept {
  readonly seen: object;
  readonly stopped: readonly Item[];
  readonly removed: readonly Item[];
  readonly left: readonly Item[];
  readonly doubted: readonly Repository[];
  readonly redelivered: readonly string[];
  readonly versionEndsSoon: boolean;
  readonly isCutShort: boolean;
  readonly errors: readonly Error[];
}

export function sweptLine(done: Swept): v.InferInput<typeof SWEPT> {
  const { seen, redelivered, versionEndsSoon, isCutShort } = done;
  const names = (items: readonly Item[]) => items.map(({ runnerName, reason }) => ({ runnerName, reason }));
  const left = Object.entries(Object.groupBy(done.left, ({ reason }) => reason));
  return {
    version: VERSION,
    seen,
    redelivered,
    versionEndsSoon,
    isCutShort,
    stopped: names(done.stopped),
    removed: names(done.removed),
    left: Object.fromEntries(left.map(([reason, items]) => [reason, items.length])),
    doubted: done.doubted.map(fullName),
    errors: done.errors.map(describeError),
  };
}
