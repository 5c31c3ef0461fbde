import { SQSClient } from '@aws-sdk/client-sqs';
import { sendDeadLetter } from '../aws/dead-letters.ts';
import { sendDoubt } from '../aws/doubts.ts';
import type { StageConfiguration } from '../config.ts';
import type { DeadLetterPort } from '../core/plan/dead-letter.ts';
import type { DoubtPort } from '../core/ports.ts';

/** The doubt queue and its dead-letter queue. */
export function createQueuePorts({
  doubtQueueUrl,
  deadDoubtQueueUrl,
}: StageConfiguration): DoubtPort & DeadLetterPort {
  // A queue's URL has the standard endpoint, also where FIPS or dual-stack ones are asked for.
  const client = new SQSClient({ useQueueUrlAsEndpoint: false });
  return {
    doubt: (doubt) => sendDoubt(client, doubtQueueUrl, doubt, Date.now()),
    bury: (letter) => sendDeadLetter(client, deadDoubtQueueUrl, letter),
  };
}
