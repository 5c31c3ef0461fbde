import { describe, expect, it } from 'vitest';
import { scheduledEvent } from '../../local/world/deploy.ts';
import { SUMMARY_TOPIC } from '../../local/world/start-world.ts';
import { inWorldOf, queue, succeeded } from '../fixtures/situations.ts';

const DAY_MS = 86_400_000;

/** As test/log.test.ts shows that reconcile writes it. */
const STUCK = JSON.stringify({
  _aws: {
    CloudWatchMetrics: [
      {
        Namespace: 'oneshot',
        Dimensions: [['service', 'stage', 'repository', 'label']],
        Metrics: [{ Name: 'StuckSeconds', Unit: 'Seconds' }],
      },
    ],
  },
  ...{ service: 'reconcile', stage: 'local', repository: 'acme/web', label: 'fargate/cpu=4' },
  StuckSeconds: 2_700,
});

describe('the weekly summary', { timeout: 120_000 }, () => {
  it('should be told to the topic, from what the functions have counted, and be refused where there is no topic', () =>
    inWorldOf({ weeklySummary: true, sweepEverySeconds: 0 }, async (world) => {
      const jobs = [queue(world), queue(world, { repository: 'acme/api' })];
      await succeeded(world, jobs);
      world.aws.metrics.note(STUCK);
      await world.clock.sleep(DAY_MS);
      const { topics } = world.aws.accountState;
      const invoke = () => world.functions.get('summary')?.invoke(scheduledEvent(world.clock));

      await invoke();
      const [told, ...more] = topics.get(SUMMARY_TOPIC) ?? [];
      expect(more).toEqual([]);
      expect(told?.subject).toMatch(/^oneshot-local: 2 launches, \$0\.\d\d in the week to \d{4}-\d\d-\d\d$/);
      expect(told?.message).toMatch(/^Jobs: +2 launched; 2 tasks stopped, of which 2 ran a job$/m);
      expect(told?.message).toMatch(/^Waits: +on the slowest day half began within \d+ s/m);
      expect(told?.message).toMatch(/^Refused: none$/m);
      expect(told?.message).toMatch(/^Stuck: +acme\/web fargate\/cpu=4 \(up to 45 min\)$/m);
      expect(told?.message).not.toContain('Unread');

      topics.delete(SUMMARY_TOPIC);
      await expect(invoke()).rejects.toThrow(/local-alarms.*NotFound/s);
      world.aws.accountState.denied.add('cloudwatch:GetMetricData');
      await expect(invoke()).rejects.toThrow(/GetMetricData/);
    }));
});
