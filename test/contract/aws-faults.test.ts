import { ListTasksCommand, RunTaskCommand } from '@aws-sdk/client-ecs';
import { EncryptCommand } from '@aws-sdk/client-kms';
import { GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { GetParametersCommand } from '@aws-sdk/client-ssm';
import { expect, it } from 'vitest';
import { clientsOf, openWorld, runTaskInput, STACK, type TestWorld } from './aws-harness.ts';

const list = ({ aws, ecs }: TestWorld) => ecs.send(new ListTasksCommand({ cluster: aws.clusterArn }));

it('aws-5xx answers 500 in the words of each service and does nothing', async () => {
  const world = await openWorld();
  const { aws, ecs, kms, ssm, sqs, faults, ledger } = world;
  faults.next('aws-5xx', 4);
  const answers = [
    [ecs.send(new RunTaskCommand(runTaskInput(aws))), 'ServerException'],
    [
      kms.send(
        new EncryptCommand({
          KeyId: aws.keyArn,
          Plaintext: new Uint8Array(1),
          EncryptionContext: { stack: STACK, runner: 'r' },
        }),
      ),
      'KMSInternalException',
    ],
    [ssm.send(new GetParametersCommand({ Names: ['/a'] })), 'InternalServerError'],
    [sqs.send(new GetQueueUrlCommand({ QueueName: 'q' })), 'InternalError'],
  ] as const;
  for (const [answer, name] of answers) {
    await expect(answer).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 500 } });
  }
  expect(aws.tasks()).toEqual([]);
  expect(ledger.counts()).toMatchObject({ ecs: { RunTask: 1 }, sqs: { GetQueueUrl: 1 } });
});

it('aws-lost-answer does what was asked and drops the connection', async () => {
  const { aws, ecs, faults } = await openWorld();
  faults.next('aws-lost-answer');
  const answer = ecs.send(new RunTaskCommand(runTaskInput(aws)));
  await expect(answer).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(aws.tasks()).toHaveLength(1);
});

it('a lost answer is found again by its clientToken, by the SDK on its own', async () => {
  const { aws, faults } = await openWorld();
  const { ecs } = clientsOf(aws, aws.credentials, 3);
  faults.next('aws-lost-answer');
  const { tasks, $metadata } = await ecs.send(new RunTaskCommand(runTaskInput(aws)));
  expect($metadata.attempts).toBe(2);
  expect(aws.tasks().map(({ arn }) => arn)).toEqual(tasks?.map(({ taskArn }) => taskArn));
});

it('aws-latency answers a second of world time late', async () => {
  const world = await openWorld();
  world.faults.next('aws-latency');
  let answered = false;
  const call = list(world).finally(() => {
    answered = true;
  });
  while (!world.faults.struck.has('aws-latency')) await world.clock.advance(0);
  await world.clock.advance(900);
  expect(answered).toBe(false);
  while (!answered) await world.clock.advance(100);
  await call;
});

it('a fault strikes as often as it was asked for', async () => {
  const world = await openWorld();
  world.faults.next('aws-5xx', 1);
  await expect(list(world)).rejects.toMatchObject({ name: 'ServerException' });
  await list(world);
  expect(world.faults.struck.get('aws-5xx')).toBe(1);
});
