import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { TaskStateChangeEvent } from '../../local/aws/index.ts';
import { matches, startEventRule } from '../../local/lambda/event-rule.ts';
import { createClock } from '../../local/world/clock.ts';
import { readDeployment } from '../../local/world/deployment.ts';
import { createFaults } from '../../local/world/faults.ts';

const EVENT = { source: 'aws.ecs', detail: { lastStatus: 'STOPPED', clusterArn: 'arn' } };

describe('what the embedded world deploys', () => {
  it('should be what serverless.yml has, each function with what starts it', () => {
    const { functions, queue } = readDeployment();
    const triggers = functions.map(({ name, triggers }) => [name, triggers.map(({ kind }) => kind)]);
    expect(Object.fromEntries(triggers)).toEqual({
      webhook: ['http'],
      reconcile: ['queue'],
      settle: ['event'],
      sweep: ['schedule'],
    });
    expect(queue).toEqual({ delaySeconds: 20, visibilitySeconds: 450, maximumReceives: 3 });
  });
});

describe('an event pattern', () => {
  it.each([
    [{ source: ['aws.ecs'] }, true],
    [{ source: ['aws.ecs'], detail: { lastStatus: ['RUNNING', 'STOPPED'] } }, true],
    [{ source: ['aws.ec2'] }, false],
    [{ detail: { lastStatus: ['STOPPED'], clusterArn: ['another'] } }, false],
    [{ detail: { group: ['any'] } }, false],
  ])('should be matched field by field: %j', (pattern, expected) => {
    expect(matches(pattern, EVENT)).toBe(expected);
  });
});

describe('an event rule', () => {
  /** How often a handler is called that fails the first `failures` times. */
  async function callsOf(failures: number, maximumRetries: number): Promise<number> {
    const bus = new EventEmitter<{ 'task-state-change': [TaskStateChangeEvent] }>();
    const clock = createClock(60_000);
    let calls = 0;
    const invoke = () => (++calls <= failures ? Promise.reject(new Error('no')) : Promise.resolve());
    const rule = startEventRule({
      ...{ bus, clock, maximumRetries, invoke, pattern: {}, faults: createFaults(() => 1) },
    });
    bus.emit('task-state-change', EVENT as unknown as TaskStateChangeEvent);
    await clock.sleep(12_000_000);
    rule.stop();
    return calls;
  }

  it('should hand an event over again when the function fails, as often as is set and no more', async () => {
    expect(await Promise.all([callsOf(0, 2), callsOf(1, 2), callsOf(5, 2), callsOf(5, 0)])).toEqual([
      1, 2, 3, 1,
    ]);
  });
});
