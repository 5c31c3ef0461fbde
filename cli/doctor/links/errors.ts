import { ofLastHour } from '../last-hour.ts';
import { link, ok, warn } from '../link.ts';

/** Of the functions but the sweep, which has a link of its own; newest first. */
export const ERRORS = ofLastHour(({ faults }) =>
  faults
    .filter(({ service }) => service !== 'sweep')
    .map(({ service, message, detail }) =>
      [service, message, detail].filter((part) => part !== undefined).join(': '),
    ),
);

export const errors = link({
  id: 'errors',
  title: 'the functions write no errors',
  tries: 'their logs of the last hour',
  needs: [],
  reads: { errors: ERRORS },
  judge: (seen) =>
    seen.errors.length === 0
      ? ok('none in the last hour')
      : warn(
          `${seen.errors.length} in the last hour; the newest: ${seen.errors[0]}`,
          'the saved query “errors and warnings” shows all',
        ),
});
