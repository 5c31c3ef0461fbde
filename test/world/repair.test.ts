import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { RUNNER_PREFIX, type World } from '../../local/world/start-world.ts';
import type { WorldFault } from '../../model/faults.ts';
import { inWorldOf } from '../fixtures/situations.ts';
import { until } from '../fixtures/world.ts';

const isLive = ({ lastStatus }: { lastStatus: string }) => lastStatus !== 'STOPPED';

const queue = (world: World, labels = ['fargate']): number => {
  const { owner, repositories } = world.installation;
  const repository = `${owner.login}/${repositories[0]?.name}`;
  const [id] = world.github.queueRun({ repository, jobs: [{ name: 'build', labels, durationSeconds: 30 }] });
  if (id === undefined) throw new Error('no job was queued');
  return id;
};
const jobOf = (world: World, id: number) => world.github.jobs().find((job) => job.id === id);
const ended = (world: World, id: number) =>
  until(`job ${id} has ended`, () => jobOf(world, id)?.status === 'completed');
const delivered = (world: World, id: number) =>
  until(`job ${id} was delivered`, () => world.github.deliveries().some(({ jobId }) => jobId === id));
/** A launch of the job: the webhook's first, or a later one, which has the generation of its minute: 0 in the first. */
const LATER = '\\d+';
const nameOf = (world: World, id: number, generation: '0' | typeof LATER = '0') =>
  new RegExp(`^${RUNNER_PREFIX}-${world.installation.repositories[0]?.id}-${id}-${generation}$`);
const launches = (world: World) => world.aws.tasks().map(({ startedBy }) => startedBy);
const ranOnce = (world: World, id: number, generation?: typeof LATER) => {
  expect(jobOf(world, id)).toMatchObject({
    conclusion: 'success',
    runnerName: expect.stringMatching(nameOf(world, id, generation)),
  });
  expect(world.begun.get(id)).toBe(1);
};
const wasLaunchedAs = (world: World, ...names: RegExp[]) =>
  expect(launches(world)).toEqual(names.map((name) => expect.stringMatching(name)));

describe.concurrent('what went wrong', { timeout: 600_000 }, () => {
  it('should be repaired when the webhook is lost: the sweep has it redelivered, and the job is launched once', () =>
    // Slow enough for the delivery to launch before a reconcile looks, as it does in a real second.
    inWorldOf({ sweepEverySeconds: 60 }, async (world) => {
      world.faults.next('lost-webhook');
      const id = queue(world);
      await ended(world, id);
      ranOnce(world, id, LATER);
      wasLaunchedAs(world, nameOf(world, id, LATER));
      expect(world.github.deliveries()).toContainEqual(
        expect.objectContaining({ jobId: id, redelivery: true, statusCode: 202 }),
      );
    }));

  it('should be repaired when GitHub has no record of a lost webhook: the sweep doubts every repository', () =>
    inWorldOf({}, async (world) => {
      world.github.setWebhookSecret('not ours');
      const id = queue(world);
      await delivered(world, id);
      expect(world.github.deliveries()[0]).toMatchObject({ statusCode: 401 });
      await world.sweep();
      await ended(world, id);
      ranOnce(world, id, LATER);
    }));

  it('should be told to the job by the smallest task when no task can serve it', () =>
    inWorldOf({}, async (world) => {
      const id = queue(world, ['fargate/cpu=64']);
      await until('a task was started', () => world.aws.tasks().length > 0);
      wasLaunchedAs(world, nameOf(world, id, LATER));
      const { task } = world.aws.tasks()[0] ?? {};
      expect(task).toMatchObject({ cpu: '256', memory: '512', capacityProviderName: 'FARGATE' });
      expect(task?.overrides?.containerOverrides?.[0]?.environment).toContainEqual({
        name: 'ONESHOT_REJECTION',
        value: expect.stringMatching(
          /^The label fargate\/cpu=64 cannot be served: .* Ask for at most 4 vCPU/,
        ),
      });
      await ended(world, id);
      expect(jobOf(world, id)?.conclusion).not.toBe('success');
      await until('its task has stopped', () => world.aws.tasks()[0]?.lastStatus === 'STOPPED');
      expect(world.aws.tasks()[0]?.exitCode).toBe(14);
    }));

  it.each<WorldFault[][]>([
    [['ecs-no-capacity']],
    [['ecs-no-capacity', 'ecs-refused-token-kept']],
    [['github-secondary-limit']],
  ])('should be repaired when a launch is refused (%s): reconcile launches it once more', (faults) =>
    inWorldOf({}, async (world) => {
      for (const fault of faults) world.faults.next(fault);
      const id = queue(world);
      await ended(world, id);
      ranOnce(world, id, LATER);
      wasLaunchedAs(world, nameOf(world, id, LATER));
    }),
  );

  it('should be repaired when a job takes the runner of another with more labels', () =>
    inWorldOf({}, async (world) => {
      world.faults.next('lost-webhook');
      const taker = queue(world);
      await delivered(world, taker);
      const displaced = queue(world, ['self-hosted', 'arm64', 'fargate']);
      await ended(world, taker);
      expect(jobOf(world, taker)?.runnerName).toMatch(nameOf(world, displaced));
      await ended(world, displaced);
      ranOnce(world, displaced, LATER);
    }));

  it('should be repaired when a task fails to start: its registration is removed and the job launched again', () =>
    inWorldOf({}, async (world) => {
      world.faults.next('task-fails-to-start');
      const id = queue(world);
      await ended(world, id);
      ranOnce(world, id, LATER);
      wasLaunchedAs(world, nameOf(world, id, LATER), nameOf(world, id, LATER));
      await until('no runner is left', () => world.github.runners().length === 0);
    }));

  it('should be repaired when the event of a stopped task is lost: the sweep settles it', () =>
    inWorldOf({}, async (world) => {
      world.faults.next('eventbridge-lost');
      world.faults.next('task-fails-to-start');
      const id = queue(world);
      await until('the task has stopped', () => world.aws.tasks().some((task) => !isLive(task)));
      expect(world.github.runners()).toHaveLength(1);
      await world.sweep();
      expect(world.github.runners()).toEqual([]);
      await ended(world, id);
      ranOnce(world, id, LATER);
    }));

  it('should do no harm when the event of a stopped task comes twice, and every message is handled twice', () =>
    inWorldOf({}, async (world) => {
      world.faults.setRate('eventbridge-twice', 1);
      world.faults.setRate('queue-twice', 1);
      world.faults.next('task-fails-to-start');
      const id = queue(world);
      await ended(world, id);
      ranOnce(world, id, LATER);
      wasLaunchedAs(world, nameOf(world, id, LATER), nameOf(world, id, LATER));
      // Twice that of the task, and where it failed in the job's first minute twice that of the name tried again.
      expect([2, 4]).toContain(
        world.ledger.counts()['github']?.['actions/delete-self-hosted-runner-from-org'],
      );
    }));

  it('should cost a message that is lost time only', () =>
    inWorldOf({ sweepEverySeconds: 60 }, async (world) => {
      world.faults.next('queue-lost');
      world.faults.next('task-fails-to-start');
      const id = queue(world);
      await ended(world, id);
      expect(world.faults.struck.get('queue-lost')).toBe(1);
      ranOnce(world, id, LATER);
    }));

  it('should bury at once malformed doubts and events, with the reason, and hold up no job', () =>
    inWorldOf({}, async (world) => {
      const { aws, installation } = world;
      const { region, url: endpoint, operatorCredentials: credentials } = aws;
      const sqs = new SQSClient({ region, endpoint, credentials });
      const group = String(installation.repositories[0]?.id);
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: aws.queues.doubts.url,
          MessageBody: 'no doubt',
          MessageGroupId: group,
          MessageDeduplicationId: 'poison',
        }),
      );
      await world.functions.get('settle')?.invoke({ id: 'event-1', detail: { taskArn: 7 } });
      world.faults.next('ecs-no-capacity');
      const id = queue(world);
      await ended(world, id);
      ranOnce(world, id, LATER);
      await until('both are buried', () => aws.queues.deadLetters.depth().visible === 2);
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: aws.queues.deadLetters.url,
          MaxNumberOfMessages: 10,
          MessageAttributeNames: ['All'],
        }),
      );
      expect(
        Messages.map((message) => message.MessageAttributes?.['reason']?.StringValue).toSorted(),
      ).toEqual([
        expect.stringContaining('missing or not of the documented form: taskArn'),
        expect.stringContaining('not a doubt'),
      ]);
      sqs.destroy();
    }));
});
