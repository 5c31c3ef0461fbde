import { SQSClient } from '@aws-sdk/client-sqs';
import { sendDoubt } from '../aws/doubts.ts';
import type { StageConfiguration } from '../config.ts';
import type { DoubtPort } from '../core/ports.ts';

/** DOUBT on the real queue. */
export function createDoubtPort({ doubtQueueUrl }: StageConfiguration): DoubtPort {
  const client = new SQSClient({});
  return { doubt: (doubt) => sendDoubt(client, doubtQueueUrl, doubt, Date.now()) };
}
