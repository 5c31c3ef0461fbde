import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DeadLetter } from '../core/plan/dead-letter.ts';
import { callNamed } from './sdk-failure.ts';

/** Puts what cannot be read into the dead-letter queue, beside what failed too often, with the reason as an attribute. */
export async function sendDeadLetter(
  client: SQSClient,
  queueUrl: string,
  { id, group, body, reason }: DeadLetter,
): Promise<void> {
  const command = new SendMessageCommand({
    QueueUrl: queueUrl,
    MessageBody: body,
    MessageGroupId: group,
    MessageDeduplicationId: id,
    MessageAttributes: { reason: { DataType: 'String', StringValue: reason } },
  });
  await callNamed('sqs', 'SendMessage', () => client.send(command));
}
