import { SQSClient } from '@aws-sdk/client-sqs';
import { sendDeadLetter } from '../aws/dead-letters.ts';
import type { StageConfiguration } from '../config.ts';
import type { DeadLetterPort } from '../core/dead-letter.ts';

/** The dead-letter queue of the doubts. */
export function createDeadLetterPort({ deadDoubtQueueUrl }: StageConfiguration): DeadLetterPort {
  const client = new SQSClient({});
  return { bury: (letter) => sendDeadLetter(client, deadDoubtQueueUrl, letter) };
}
