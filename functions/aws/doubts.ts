import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { type Doubt, deduplicationIdOf, groupIdOf, writeDoubt } from '../core/plan/doubt.ts';
import { callNamed } from './sdk-failure.ts';

/**
 * Puts a doubt into the queue. Sending one twice is harmless, so the SDK may retry. The delay is the queue's own: a
 * FIFO queue takes none with a message (AWS-33).
 */
export async function sendDoubt(
  client: SQSClient,
  queueUrl: string,
  doubt: Doubt,
  nowMs: number,
): Promise<void> {
  const command = new SendMessageCommand({
    QueueUrl: queueUrl,
    MessageBody: writeDoubt(doubt),
    MessageGroupId: groupIdOf(doubt),
    MessageDeduplicationId: deduplicationIdOf(doubt, nowMs),
  });
  await callNamed('sqs', 'SendMessage', () => client.send(command));
}
