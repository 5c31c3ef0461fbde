import { SQSClient } from '@aws-sdk/client-sqs';
import { sendDeadLetter } from '../aws/dead-letters.ts';
import type { StageConfiguration } from '../config.ts';
import type { DeadLetterPort } from '../core/plan/dead-letter.ts';

/** The dead-letter queue of the doubts. */
export function createDeadLetterPort({ deadDoubtQueueUrl }: StageConfiguration): DeadLetterPort {
  // A queue's URL has the standard endpoint, also where FIPS or dual-stack ones are asked for.
  const client = new SQSClient({ useQueueUrlAsEndpoint: false });
  return { bury: (letter) => sendDeadLetter(client, deadDoubtQueueUrl, letter) };
}
