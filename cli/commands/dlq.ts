import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { deduplicationIdOf, groupIdOf, readDoubt } from '../../functions/core/doubt.ts';
import type { Installation } from '../installation.ts';
import type { AddCommand } from '../main.ts';
import { table } from '../output.ts';

export const addDlq: AddCommand = (program, context) => {
  const dlq = program.command('dlq').description('the dead letters of the doubt queue');
  dlq
    .command('list')
    .description('show them, with the reason; they stay where they are')
    .action(async () => {
      const { installation, output } = context();
      const letters = (await receive(await installation(), 0)).map(describe);
      output.answer(letters, () =>
        letters.length === 0
          ? 'no dead letters'
          : table(
              ['Id', 'Reason', 'Repository'],
              letters.map(({ id, reason, repository }) => [id.slice(0, 8), reason, repository ?? '']),
            ),
      );
    });
  dlq
    .command('retry')
    .description('put doubts back into their queue, and throw away what is none')
    .action(async () => {
      const { installation, output } = context();
      const place = await installation();
      const retried: string[] = [];
      const thrown: string[] = [];
      for (const message of await receive(place, 60)) {
        const { id, repository } = describe(message);
        const isDoubt = await sendBack(place, message);
        await place.sqs.send(
          new DeleteMessageCommand({
            QueueUrl: place.deadDoubtQueueUrl,
            ReceiptHandle: message.ReceiptHandle,
          }),
        );
        (isDoubt ? retried : thrown).push(repository ?? id);
      }
      output.answer(
        { retried, thrown },
        () =>
          `${retried.length} put back${retried.length > 0 ? `: ${retried.join(', ')}` : ''}; ${thrown.length} thrown away`,
      );
    });
};

const MOST_RECEIVES = 20;

/** All that can be had now. `holdSeconds` 0 leaves them visible for the next reader. */
async function receive({ sqs, deadDoubtQueueUrl }: Installation, holdSeconds: number): Promise<Message[]> {
  const found = new Map<string, Message>();
  for (let receives = 0; receives < MOST_RECEIVES; receives++) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: deadDoubtQueueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: holdSeconds,
        MessageAttributeNames: ['All'],
      }),
    );
    const fresh = Messages.filter(({ MessageId = '' }) => !found.has(MessageId));
    for (const message of fresh) found.set(message.MessageId ?? '', message);
    if (fresh.length === 0) break;
  }
  return [...found.values()];
}

function describe({ MessageId = '', Body = '', MessageAttributes }: Message) {
  const doubt = readDoubt(Body);
  return {
    id: MessageId,
    reason: MessageAttributes?.['reason']?.StringValue ?? 'reconcile failed on it three times',
    repository: doubt && `${doubt.repository.owner}/${doubt.repository.name}`,
  };
}

async function sendBack({ sqs, doubtQueueUrl, now }: Installation, { Body = '' }: Message): Promise<boolean> {
  const doubt = readDoubt(Body);
  if (doubt === undefined) return false;
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: doubtQueueUrl,
      MessageBody: Body,
      MessageGroupId: groupIdOf(doubt),
      MessageDeduplicationId: deduplicationIdOf(doubt, now()),
    }),
  );
  return true;
}
