import {
  ChangeMessageVisibility$,
  ChangeMessageVisibilityBatch$,
  type ChangeMessageVisibilityBatchRequest,
  type ChangeMessageVisibilityBatchResult,
  type ChangeMessageVisibilityRequest,
  DeleteMessage$,
  DeleteMessageBatch$,
  type DeleteMessageBatchRequest,
  type DeleteMessageBatchResult,
  type DeleteMessageRequest,
  GetQueueAttributes$,
  type GetQueueAttributesRequest,
  type GetQueueAttributesResult,
  GetQueueUrl$,
  type GetQueueUrlRequest,
  type GetQueueUrlResult,
  PurgeQueue$,
  type PurgeQueueRequest,
  ReceiveMessage$,
  type ReceiveMessageRequest,
  type ReceiveMessageResult,
  SendMessage$,
  SendMessageBatch$,
  type SendMessageBatchRequest,
  type SendMessageBatchResult,
  type SendMessageRequest,
  type SendMessageResult,
} from '@aws-sdk/client-sqs';
import type { WorldClock } from '../../world/clock.ts';
import { AwsError } from '../errors.ts';
import { operation, type Service } from '../service.ts';
import { attributesOf } from './attributes.ts';
import { runBatch } from './batch.ts';
import type { Queue } from './queue.ts';
import { receiveMessages } from './receive.ts';
import { checkTotalSize, sendMessage } from './send.ts';

export interface SqsParts {
  readonly clock: WorldClock;
  readonly account: string;
  readonly queues: readonly Queue[];
  /** The server's URL, known when it listens. */
  readonly url: () => string;
}

/** SQS over the stack's queues. */
export function createSqs(parts: SqsParts): Service {
  return {
    api: 'sqs',
    target: 'AmazonSQS',
    jsonVersion: '1.0',
    internalError: 'InternalError',
    invalid: ({ kind, path, message }) =>
      kind === 'missing'
        ? new AwsError('MissingParameter', `The request must contain the parameter ${path}.`)
        : new AwsError('InvalidParameterValue', message),
    queryError: ({ code, status }) => `${QUERY_CODES[code] ?? code};${status < 500 ? 'Sender' : 'Receiver'}`,
    operations: { ...messageOperations(parts), ...batchOperations(parts), ...queueOperations(parts) },
  };
}

/** Codes of the query protocol that clients of old still see (`awsQueryError` in the SDK's schemas). */
const QUERY_CODES: Readonly<Record<string, string>> = Object.fromEntries([
  ...['BatchEntryIdsNotDistinct', 'BatchRequestTooLong', 'EmptyBatchRequest', 'InvalidBatchEntryId'].map(
    prefixed,
  ),
  ...['MessageNotInflight', 'TooManyEntriesInBatchRequest', 'UnsupportedOperation'].map(prefixed),
  ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'],
]);

function prefixed(code: string): [string, string] {
  return [code, `AWS.SimpleQueueService.${code}`];
}

function messageOperations(parts: SqsParts): Service['operations'] {
  return {
    SendMessage: operation<SendMessageRequest, SendMessageResult>(SendMessage$, (input, _, traceHeader) =>
      sendMessage(find(parts, input.QueueUrl), input, traceHeader),
    ),
    ReceiveMessage: operation<ReceiveMessageRequest, ReceiveMessageResult>(ReceiveMessage$, (input) =>
      receiveMessages(find(parts, input.QueueUrl), input, parts.clock),
    ),
    DeleteMessage: operation<DeleteMessageRequest, object>(DeleteMessage$, (input) =>
      done(find(parts, input.QueueUrl).delete(input.ReceiptHandle ?? '')),
    ),
    ChangeMessageVisibility: operation<ChangeMessageVisibilityRequest, object>(
      ChangeMessageVisibility$,
      (input) => done(changeVisibility(find(parts, input.QueueUrl), input)),
    ),
  };
}

function batchOperations(parts: SqsParts): Service['operations'] {
  return {
    SendMessageBatch: operation<SendMessageBatchRequest, SendMessageBatchResult>(
      SendMessageBatch$,
      ({ QueueUrl, Entries = [] }, _, traceHeader) => {
        const queue = find(parts, QueueUrl);
        checkTotalSize(queue, Entries);
        return runBatch(Entries, (entry) => sendMessage(queue, entry, traceHeader));
      },
    ),
    DeleteMessageBatch: operation<DeleteMessageBatchRequest, DeleteMessageBatchResult>(
      DeleteMessageBatch$,
      ({ QueueUrl, Entries = [] }) => {
        const queue = find(parts, QueueUrl);
        return runBatch(Entries, (entry) => done(queue.delete(entry.ReceiptHandle ?? '')));
      },
    ),
    ChangeMessageVisibilityBatch: operation<
      ChangeMessageVisibilityBatchRequest,
      ChangeMessageVisibilityBatchResult
    >(ChangeMessageVisibilityBatch$, ({ QueueUrl, Entries = [] }) => {
      const queue = find(parts, QueueUrl);
      return runBatch(Entries, (entry) => done(changeVisibility(queue, entry)));
    }),
  };
}

function queueOperations(parts: SqsParts): Service['operations'] {
  return {
    GetQueueUrl: operation<GetQueueUrlRequest, GetQueueUrlResult>(GetQueueUrl$, ({ QueueName }) => {
      const queue = parts.queues.find(({ name }) => name === QueueName);
      if (!queue) throw noSuchQueue();
      return { QueueUrl: queueUrl(parts, queue) };
    }),
    GetQueueAttributes: operation<GetQueueAttributesRequest, GetQueueAttributesResult>(
      GetQueueAttributes$,
      ({ QueueUrl, AttributeNames }) => ({
        Attributes: attributesOf(find(parts, QueueUrl), AttributeNames ?? []),
      }),
    ),
    PurgeQueue: operation<PurgeQueueRequest, object>(PurgeQueue$, ({ QueueUrl }) =>
      done(find(parts, QueueUrl).purge()),
    ),
  };
}

/** `{server}/{account}/{name}`. */
export function queueUrl({ url, account }: Pick<SqsParts, 'url' | 'account'>, queue: Queue): string {
  return `${url()}/${account}/${queue.name}`;
}

function find(parts: SqsParts, url: string | undefined): Queue {
  const queue = parts.queues.find((candidate) => url === queueUrl(parts, candidate));
  if (!queue) throw noSuchQueue();
  return queue;
}

function changeVisibility(
  queue: Queue,
  {
    ReceiptHandle,
    VisibilityTimeout = 0,
  }: { ReceiptHandle?: string | undefined; VisibilityTimeout?: number | undefined },
): void {
  if (!Number.isInteger(VisibilityTimeout) || VisibilityTimeout < 0 || VisibilityTimeout > 43_200) {
    throw new AwsError(
      'InvalidParameterValue',
      `Value ${VisibilityTimeout} for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must be an integer between 0 and 43200.`,
    );
  }
  queue.changeVisibility(ReceiptHandle ?? '', VisibilityTimeout);
}

/** The empty answer of an operation that has nothing to say. */
const done = (_: unknown): object => ({});

const noSuchQueue = () => new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
