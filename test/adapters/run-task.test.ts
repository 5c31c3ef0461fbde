import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runTask } from '../../functions/aws/ecs/run-task.ts';
import { listTasks } from '../../functions/aws/ecs/tasks.ts';
import { readDelivery } from '../../functions/core/job/events.ts';
import { readWorkflowName } from '../../functions/core/job/workflow-name.ts';
import { decideLaunch } from '../../functions/core/plan/decide-launch.ts';
import type { RunTaskRequest } from '../../functions/core/ports.ts';
import type { DockerCapacity } from '../../local/aws/types.ts';
import { readDockerCapacity } from '../../local/world/docker-deployment.ts';
import { openWorld, STACK } from '../contract/aws-harness.ts';
import { jobPayload } from '../fixtures/deliveries.ts';
import { POLICY } from '../fixtures/policy.ts';

const NAME = 'oneshot-test-700000001-31415926535-0';

/** The real adapter on the embedded ECS. */
async function openLauncher(labels = ['fargate'], isOpen = false, docker?: DockerCapacity) {
  const delivery = readDelivery('workflow_job', jobPayload({ job: { labels } }));
  if (delivery.kind === 'malformed' || delivery.kind === 'jobless') throw new Error(delivery.problem);
  const plan = decideLaunch(delivery, POLICY);
  if (plan.verdict !== 'launch') throw new Error(plan.reason);
  const { aws, ecs, faults } = await openWorld({ docker });
  const placement = {
    stack: STACK,
    clusterArn: aws.clusterArn,
    taskDefinitionArns: aws.taskDefinitionArns,
    dockerTaskDefinitionArns: aws.dockerTaskDefinitionArns,
    subnets: ['subnet-0a'],
    securityGroups: ['sg-0b'],
    assignPublicIp: 'ENABLED',
    enableExecuteCommand: isOpen,
  } as const;
  const run = (changes: Partial<RunTaskRequest> = {}) =>
    runTask(
      ecs,
      placement,
      { launch: plan, runnerName: NAME, runnerId: 4711, sealedConfig: 'c2VhbGVk', ...changes },
      new AbortController().signal,
    );
  return { aws, ecs, faults, plan, run };
}

describe('runTask', () => {
  it.each([true, false])(
    'should start a task with ECS Exec only where that is wanted: %s',
    async (isOpen) => {
      const { aws, run } = await openLauncher(['fargate'], isOpen);
      await run();
      expect(aws.tasks()[0]?.task.enableExecuteCommand).toBe(isOpen);
    },
  );

  it('should ask for an instance of its own where a job needs Docker, and for nothing that is of Fargate', async () => {
    const { aws, plan, run } = await openLauncher(
      ['fargate/cpu=3/memory=6/docker'],
      false,
      readDockerCapacity(),
    );
    const sent: unknown[] = [];
    aws.on('call', ({ operation, input }) => operation === 'RunTask' && sent.push(input));
    expect(await run()).toMatchObject({ kind: 'started', taskArn: aws.tasks()[0]?.arn });
    const [request] = sent as {
      tags: unknown;
      overrides: { containerOverrides: { environment: unknown }[] };
    }[];
    expect(request).toEqual({
      cluster: aws.clusterArn,
      taskDefinition: aws.dockerTaskDefinitionArns.x64,
      count: 1,
      capacityProviderStrategy: [{ capacityProvider: `${STACK}-docker`, weight: 1 }],
      group: 'docker',
      placementConstraints: [{ type: 'distinctInstance' }],
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: ['subnet-0a'],
          securityGroups: ['sg-0b'],
          assignPublicIp: 'DISABLED',
        },
      },
      startedBy: NAME,
      clientToken: NAME,
      enableECSManagedTags: true,
      enableExecuteCommand: false,
      propagateTags: 'TASK_DEFINITION',
      tags: request?.tags,
      overrides: {
        cpu: '3072',
        memory: '6144',
        containerOverrides: [
          {
            name: 'runner',
            memory: 6144,
            environment: request?.overrides.containerOverrides[0]?.environment,
          },
        ],
      },
    });
    const environment = request?.overrides.containerOverrides[0]?.environment;
    expect(environment).not.toContainEqual(expect.objectContaining({ name: 'ONESHOT_STORAGE_GIB' }));
    expect(environment).toContainEqual({ name: 'ONESHOT_SPOT', value: 'false' });
    expect(plan.given.provider).toBe('docker');
  });

  it('should know a full queue for instances as a want of capacity', async () => {
    const { aws, faults, run } = await openLauncher(['fargate/docker'], false, readDockerCapacity());
    faults.next('docker-waiting-full');
    expect(await run()).toMatchObject({ kind: 'refused', refusal: 'no-capacity' });
    expect(aws.tasks()).toEqual([]);
  });

  it('should refuse firmly, and call nobody, where the deployment has no Docker', async () => {
    const { aws, run } = await openLauncher(['fargate/docker']);
    expect(await run()).toMatchObject({ kind: 'refused', refusal: 'not-found' });
    expect(aws.tasks()).toEqual([]);
  });

  it('should start no second task under a name, from any caller (rule 1)', async () => {
    const { aws, run } = await openLauncher();
    expect(await run()).toMatchObject({ kind: 'started' });
    expect(await run({ runnerId: 4712, sealedConfig: 'YW5vdGhlcg==' })).toEqual({ kind: 'taken' });
    expect(aws.tasks().map(({ startedBy }) => startedBy)).toEqual([NAME]);
  });

  it('should find the task of a lost answer again', async () => {
    const { aws, faults, run } = await openLauncher();
    faults.next('aws-lost-answer');
    expect(await run()).toMatchObject({ kind: 'unknown' });
    expect(await run()).toMatchObject({ kind: 'started', taskArn: aws.tasks()[0]?.arn });
    expect(aws.tasks()).toHaveLength(1);
  });

  it('should hand a rejection over to the task, which tells it back for as long as ECS shows it', async () => {
    const { aws, ecs, plan, run } = await openLauncher(['fargate/cpu=4;rm']);
    await run();
    const [task] = aws.tasks();
    const environment = task?.task.overrides?.containerOverrides?.[0]?.environment;
    expect(environment).toContainEqual({ name: 'ONESHOT_REJECTION', value: plan.rejection?.message });
    expect(task?.tags).toMatchObject({ 'oneshot:labels': 'fargate/cpu=4_rm' });
    const [fact] = await listTasks(ecs, aws.clusterArn, 'oneshot-test');
    expect(fact).toMatchObject({ isRejection: true, labels: ['fargate/cpu=4;rm'] });
  });

  it('should leave a fifth of what ECS takes as overrides, with the longest names and a third more config', async () => {
    const { aws, plan, run } = await openLauncher();
    const repository = { ...plan.repository, owner: 'o'.repeat(39), name: 'n'.repeat(100) }; // GitHub's longest
    const labels = Array.from(
      { length: 5 },
      (_, index) => `fargate/cpu=16/memory=120/disk=200/arm64/spot/${index}`,
    );
    // A config like GitHub's, 4.7 KB of base64, is 2.3 KB deflated, and 3.3 KB sealed and encoded.
    const sealedConfig = 's'.repeat(4_400);
    const workflowName = readWorkflowName('é "deploy" '.repeat(100));
    expect(workflowName).toHaveLength(254);
    await run({
      launch: { ...plan, repository, labels, workflowName },
      runnerName: 'r'.repeat(64),
      sealedConfig,
    });
    const overrides = aws.tasks()[0]?.task.overrides;
    expect(JSON.stringify(overrides).length).toBeGreaterThan(sealedConfig.length);
    expect(JSON.stringify(overrides).length).toBeLessThan(8192 * 0.8); // ECS API reference, TaskOverride
  });

  it('should tell the job what it was given, and have a tool that asks for its memory be told the same', async () => {
    const { aws, run } = await openLauncher(['fargate/cpu=0.25/memory=0.5/storage=30/spot']);
    await run();
    const override = aws.tasks()[0]?.task.overrides?.containerOverrides?.[0];
    expect(override?.memory).toBe(512);
    const given = Object.fromEntries(override?.environment?.map(({ name, value }) => [name, value]) ?? []);
    expect(given).toMatchObject({
      ONESHOT_VCPU: '0.25',
      ONESHOT_MEMORY_MIB: '512',
      ONESHOT_STORAGE_GIB: '30',
      ONESHOT_SPOT: 'true',
    });
  });

  it('should tell what a task is for as long as ECS shows it, whatever letters the workflow has', async () => {
    const { ecs, aws, plan, run } = await openLauncher();
    await run({ launch: { ...plan, workflowName: 'Bygg & släpp 🚀 “v2”' } });
    expect(await listTasks(ecs, aws.clusterArn, 'oneshot-test')).toMatchObject([
      { workflowName: 'Bygg & släpp 🚀 “v2”' },
    ]);
  });

  it('should have tags by which a bill can be split: none has one value a job but those that say the job', async () => {
    const { aws, plan, run } = await openLauncher(['fargate/cpu=4/run=99', 'self-hosted']);
    await run({ launch: { ...plan, workflowName: 'Bygg & släpp 🚀' } });
    expect(aws.tasks()[0]?.tags).toEqual({
      'aws:ecs:clusterName': STACK,
      'oneshot:stack': STACK,
      'oneshot:owner': 'acme',
      'oneshot:repository': 'acme/web',
      'oneshot:repository-id': '700000001',
      'oneshot:workflow': 'Bygg _ släpp _',
      'oneshot:labels': 'fargate/cpu=4 self-hosted',
      'oneshot:job': '31415926535',
      'oneshot:run': '27182818',
      'oneshot:installation': '77',
    });
  });

  it('should send nothing that ECS refuses for a workflow of any name', async () => {
    const { plan, run } = await openLauncher();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), fc.nat(), async (text, id) => {
        const launch = { ...plan, workflowName: readWorkflowName(text) };
        // The embedded account's quota of vCPUs may be reached.
        expect(await run({ launch, runnerName: `oneshot-test-1-${id}-0` })).not.toMatchObject({
          refusal: 'invalid-request',
        });
      }),
    );
  });

  it('should start an ordinary task without a word of a rejection', async () => {
    const { aws, ecs, run } = await openLauncher();
    await run();
    expect(await listTasks(ecs, aws.clusterArn, 'oneshot-test')).toMatchObject([{ isRejection: false }]);
  });

  it('should read failures[] as a refusal', async () => {
    const { aws, faults, run } = await openLauncher();
    faults.next('ecs-no-capacity');
    expect(await run()).toMatchObject({ kind: 'refused', refusal: 'no-capacity' });
    expect(aws.tasks()).toEqual([]);
  });
});
