import { RunTaskCommand } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { findTask, markTask, noteJobOver } from '../../functions/aws/ecs/tasks.ts';
import { BOOT_MS, openWorld, runTaskInput, WIND_DOWN_MS } from '../contract/aws-harness.ts';

const NAME = 'oneshot-test-1-2-0';
const HEARD_MS = 1_795_000_000_000;

/** A task that runs. */
async function openTask() {
  const world = await openWorld();
  const { aws, ecs, clock } = world;
  const { tasks } = await ecs.send(new RunTaskCommand(runTaskInput(aws, { startedBy: NAME })));
  await clock.advance(BOOT_MS);
  return { ...world, arn: tasks?.[0]?.taskArn ?? '' };
}

describe('a tag of a task', () => {
  it('should be read back: the job that it runs, and when that was heard to be over', async () => {
    const { aws, ecs, arn } = await openTask();
    const find = () => findTask(ecs, aws.clusterArn, 'oneshot-test', NAME);
    expect(await find()).toMatchObject({ markedJobId: undefined, jobOverAtMs: undefined });
    await markTask(ecs, arn, 2);
    await noteJobOver(ecs, arn, HEARD_MS);
    expect(await find()).toMatchObject({ markedJobId: 2, jobOverAtMs: HEARD_MS });
  });

  it('should be of no need to a task that has stopped since it was found', async () => {
    const { aws, ecs, clock, arn } = await openTask();
    aws.exitTask(arn, 0);
    await clock.advance(WIND_DOWN_MS);
    await expect(noteJobOver(ecs, arn, HEARD_MS)).resolves.toBeUndefined();
    await expect(markTask(ecs, arn, 2)).resolves.toBeUndefined();
  });

  it('should fail where ECS does', async () => {
    const { ecs, faults, arn } = await openTask();
    faults.next('aws-5xx');
    await expect(noteJobOver(ecs, arn, HEARD_MS)).rejects.toThrow('ecs TagResource');
    await expect(noteJobOver(ecs, `${arn}x`, HEARD_MS)).rejects.toThrow('ResourceNotFoundException');
  });
});
