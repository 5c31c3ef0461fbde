import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { callNamed } from '../../functions/aws/sdk-failure.ts';

const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateNumberOfMessagesNotVisible',
] as const;

interface Queues {
  readonly doubtQueueUrl: string;
  readonly deadDoubtQueueUrl: string;
}

/** How many doubts are in the queue, delayed and in flight ones included, and how many dead letters. */
export async function countDoubts(client: SQSClient, { doubtQueueUrl, deadDoubtQueueUrl }: Queues) {
  const [waiting, dead] = await Promise.all([count(client, doubtQueueUrl), count(client, deadDoubtQueueUrl)]);
  return { waiting, dead };
}

async function count(client: SQSClient, QueueUrl: string): Promise<number> {
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...COUNTS] });
  const { Attributes = {} } = await callNamed('sqs', 'GetQueueAttributes', () => client.send(command));
  return COUNTS.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
}
