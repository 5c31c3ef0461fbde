import { afterEach, describe, expect, it, vi } from 'vitest';
import { createReporter } from '../functions/log.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** The metrics that were written, in the embedded metric format. */
function emitted(act: (reporter: ReturnType<typeof createReporter>) => void) {
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  const log = vi.spyOn(console, 'log').mockReturnValue();
  const reporter = createReporter('reconcile', 'dev');
  act(reporter);
  reporter.flush();
  return log.mock.calls.map(([line]) => JSON.parse(String(line)));
}

describe('a metric', () => {
  it('should be one series, under all of its dimensions and no other', () => {
    const [line, ...more] = emitted(({ seconds }) =>
      seconds('StuckSeconds', 1_900, { repository: 'acme/web', label: 'fargate/cpu=4' }),
    );
    expect(more).toEqual([]);
    const [{ Namespace, Dimensions, Metrics }] = line._aws.CloudWatchMetrics;
    expect([Namespace, Metrics]).toEqual(['oneshot', [{ Name: 'StuckSeconds', Unit: 'Seconds' }]]);
    expect(Dimensions.map((one: string[]) => one.toSorted())).toEqual([
      ['label', 'repository', 'service', 'stage'],
    ]);
    expect(line).toMatchObject({
      service: 'reconcile',
      stage: 'dev',
      repository: 'acme/web',
      label: 'fargate/cpu=4',
    });
  });

  it('should be one line with the others where it has no dimension of its own', () => {
    const lines = emitted(({ count, seconds }) => {
      count('FailedLaunches', 2);
      seconds('LongestWaitSeconds', 3);
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ FailedLaunches: 2, LongestWaitSeconds: 3 });
  });
});
