import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { fullName } from '../../functions/core/job/repository.ts';
import {
  type Doubt,
  deduplicationIdOf,
  groupIdOf,
  readDoubt,
  writeDoubt,
} from '../../functions/core/plan/doubt.ts';
import type { AddCommand } from '../context.ts';
import type { Deployment } from '../deployment.ts';
import { table } from '../output.ts';

interface DeadLetter {
  readonly id: string;
  readonly receipt: string;
  readonly reason: string;
  /** `undefined` for what no retry would make readable. */
  readonly doubt: Doubt | undefined;
  readonly repository: string | undefined;
}

export const addDlq: AddCommand = (program, context) => {
  const dlq = program
    .command('dlq')
    .description('list or retry what reconcile gave up: the dead letters of its queue');
  dlq
    .command('list')
    .description('show the dead letters with their reasons; they stay in the queue')
    .action(async () => {
      const { connected, output } = context();
      const deployment = await connected();
      const letters = await receive(deployment);
      await release(deployment, letters);
      output.answer(
        letters.map(({ id, reason, repository }) => ({ id, reason, repository })),
        () => (letters.length === 0 ? 'no dead letters' : draw(letters)),
      );
    });
  dlq
    .command('retry')
    .description('have their repositories looked at again; other letters stay for a person to look at')
    .option('--discard', 'throw the others away', false)
    .action(async ({ discard }: { discard: boolean }) => {
      const { connected, output } = context();
      const done = await retry(await connected(), discard);
      output.answer(
        done,
        () => `${done.retried.length} put back, ${done.discarded} thrown away, ${done.left} left`,
      );
    });
};

async function retry(deployment: Deployment, isDiscarding: boolean) {
  const letters = await receive(deployment);
  const doubts = letters.filter(({ doubt }) => doubt !== undefined);
  const others = letters.filter(({ doubt }) => doubt === undefined);
  for (const { doubt, receipt } of doubts) {
    // The doubt first: one that is sent twice does no harm, one that is lost costs a quarter of an hour.
    if (doubt !== undefined) await sendBack(deployment, doubt);
    await remove(deployment, receipt);
  }
  if (isDiscarding) for (const { receipt } of others) await remove(deployment, receipt);
  else await release(deployment, others);
  return {
    retried: doubts.flatMap(({ repository }) => repository ?? []),
    discarded: isDiscarding ? others.length : 0,
    left: isDiscarding ? 0 : others.length,
  };
}

const draw = (letters: readonly DeadLetter[]): string =>
  table(
    ['Id', 'Reason', 'Repository'],
    letters.map(({ id, reason, repository }) => [id.slice(0, 8), reason, repository ?? '']),
  );

/** How long a reading holds them: longer than it takes to read all. */
const HOLD_SECONDS = 60;
const MOST_RECEIVES = 20;

/** All that can be had now: of a group, ten, as a FIFO queue gives no more of one while some are held. */
async function receive({ sqs, deadDoubtQueueUrl }: Deployment): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for (let receives = 0; receives < MOST_RECEIVES; receives++) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: deadDoubtQueueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: HOLD_SECONDS,
        MessageAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) break;
    letters.push(...Messages.map(readLetter));
  }
  return letters;
}

function readLetter({
  MessageId = '',
  ReceiptHandle = '',
  Body = '',
  MessageAttributes,
}: Message): DeadLetter {
  const doubt = readDoubt(Body, Date.now());
  return {
    id: MessageId,
    receipt: ReceiptHandle,
    // Those that the functions bury carry a reason; SQS moves here what was received too often.
    reason: MessageAttributes?.['reason']?.StringValue ?? 'reconcile failed on it three times',
    doubt,
    repository: doubt && fullName(doubt.repository),
  };
}

/** Makes them visible again for the next reader. */
async function release(
  { sqs, deadDoubtQueueUrl }: Deployment,
  letters: readonly DeadLetter[],
): Promise<void> {
  for (let first = 0; first < letters.length; first += 10) {
    const batch = letters
      .slice(first, first + 10)
      .map(({ receipt }, index) => ({ Id: String(index), ReceiptHandle: receipt, VisibilityTimeout: 0 }));
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: deadDoubtQueueUrl, Entries: batch }));
  }
}

async function sendBack({ sqs, doubtQueueUrl, now }: Deployment, doubt: Doubt): Promise<void> {
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: doubtQueueUrl,
      MessageBody: writeDoubt(doubt),
      MessageGroupId: groupIdOf(doubt),
      MessageDeduplicationId: deduplicationIdOf(doubt, now()),
    }),
  );
}

async function remove({ sqs, deadDoubtQueueUrl }: Deployment, receipt: string): Promise<void> {
  await sqs.send(new DeleteMessageCommand({ QueueUrl: deadDoubtQueueUrl, ReceiptHandle: receipt }));
}
