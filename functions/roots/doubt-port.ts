import { SQSClient } from '@aws-sdk/client-sqs';
import { sendDoubt } from '../aws/doubts.ts';
import type { StageConfiguration } from '../config.ts';
import type { DoubtPort } from '../core/ports.ts';

/** DOUBT on the real queue. */
export function createDoubtPort({ doubtQueueUrl }: StageConfiguration): DoubtPort {
  // A queue's URL has the standard endpoint, also where FIPS or dual-stack ones are asked for.
  const client = new SQSClient({ useQueueUrlAsEndpoint: false });
  return { doubt: (doubt) => sendDoubt(client, doubtQueueUrl, doubt, Date.now()) };
}
