import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord, SQSRecordAttributes } from 'aws-lambda';
import type { Hold, WorldClock } from '../world/clock.ts';
import type { Faults } from '../world/faults.ts';
import type { InvokeOptions } from './function.ts';

export interface EventSource {
  readonly client: SQSClientConfig;
  readonly queue: { readonly url: string; readonly arn: string };
  readonly region: string;
  readonly clock: WorldClock;
  readonly faults: Faults;
  readonly batchSize: number;
  readonly maximumConcurrency: number;
  /** After how long what failed is received again. World time. */
  readonly visibilitySeconds: number;
  /** Resolves when the queue may have a message, or after this long. */
  waitForMessage(worldMs: number): Promise<void>;
  /** False while the source is disabled, or the function closed: then nothing is received. */
  readonly isFed: () => boolean;
  /** With the trace header that the messages carried. */
  invoke(event: SQSEvent, options: InvokeOptions): Promise<unknown>;
}

/** How long a receive whose answer is lost hides its messages. */
const FIRST_HOLD_SECONDS = 60;
/** How long Lambda's own receives wait for a message. */
const POLL_MS = 20_000;

/**
 * Lambda's poller of an SQS queue: receives batches, invokes the function, deletes what succeeded and leaves
 * `batchItemFailures` to appear again (docs.aws.amazon.com, Lambda: Using Lambda with Amazon SQS).
 */
export function startEventSource(source: EventSource): { stop(): void } {
  const client = new SQSClient(source.client);
  const stopping = new AbortController();
  void poll(source, client, stopping.signal);
  return {
    stop() {
      stopping.abort();
      client.destroy();
    },
  };
}

async function poll(source: EventSource, client: SQSClient, signal: AbortSignal): Promise<void> {
  const running = new Set<Promise<void>>();
  while (!signal.aborted) {
    if (running.size >= source.maximumConcurrency) {
      await Promise.race(running);
      continue;
    }
    const work = source.clock.hold();
    // From before it is looked: what comes meanwhile is not missed.
    const more = source.waitForMessage(POLL_MS);
    const messages = source.isFed() ? await receive(source, client, signal).catch(() => []) : [];
    if (messages.length === 0) {
      work.release();
      await more;
      continue;
    }
    const batch = handle(source, client, messages, work)
      .catch(() => undefined)
      .finally(work.release);
    const tracked: Promise<void> = batch.then(() => void running.delete(tracked));
    running.add(tracked);
  }
}

async function receive(
  { queue, batchSize }: EventSource,
  client: SQSClient,
  abortSignal: AbortSignal,
): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: queue.url,
    MaxNumberOfMessages: batchSize,
    VisibilityTimeout: FIRST_HOLD_SECONDS,
    MessageSystemAttributeNames: ['All'],
  });
  return (await client.send(command, { abortSignal })).Messages ?? [];
}

async function handle(
  source: EventSource,
  client: SQSClient,
  messages: readonly Message[],
  work: Hold,
): Promise<void> {
  const { clock, faults, visibilitySeconds } = source;
  const receivedAtMs = clock.nowMs();
  await hide(source, client, messages, visibilitySeconds);
  const isLost = faults.strikes('queue-lost');
  const failed = isLost ? new Set<string>() : await failures(source, messages, work);
  if (!isLost && faults.strikes('queue-twice')) await failures(source, messages, work);
  const done = messages.filter(({ MessageId = '' }) => !failed.has(MessageId));
  const undone = messages.filter(({ MessageId = '' }) => failed.has(MessageId));
  await remove(source, client, done);
  const passedSeconds = Math.floor((clock.nowMs() - receivedAtMs) / 1000);
  await hide(source, client, undone, Math.max(0, visibilitySeconds - passedSeconds));
}

/** Ids of what is to come again: a function that fails, or answers what Lambda cannot read, has done nothing. */
async function failures({ invoke, queue, region }: EventSource, messages: readonly Message[], caller: Hold) {
  const all = new Set(messages.map(({ MessageId = '' }) => MessageId));
  try {
    const event = { Records: messages.map((message) => toRecord(message, queue.arn, region)) };
    const answer = (await invoke(event, { traceHeader: traceOf(messages), caller })) as
      | SQSBatchResponse
      | undefined;
    const failed = (answer?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
    return failed.every((id) => all.has(id)) ? new Set(failed) : all;
  } catch {
    return all;
  }
}

/** The function continues one trace; of several messages, which AWS does not tell: here the first that has one. */
const traceOf = (messages: readonly Message[]): string | undefined =>
  messages.find(({ Attributes }) => Attributes?.AWSTraceHeader)?.Attributes?.AWSTraceHeader;

function toRecord(message: Message, eventSourceARN: string, awsRegion: string): SQSRecord {
  const { MessageId = '', ReceiptHandle = '', Body = '', MD5OfBody = '', Attributes } = message;
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: { ...Attributes } as unknown as SQSRecordAttributes,
    messageAttributes: {},
    md5OfBody: MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion,
  };
}

const entriesOf = (messages: readonly Message[]) =>
  messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));

async function hide(
  { queue }: EventSource,
  client: SQSClient,
  messages: readonly Message[],
  seconds: number,
): Promise<void> {
  if (messages.length === 0) return;
  const Entries = entriesOf(messages).map((entry) => ({ ...entry, VisibilityTimeout: seconds }));
  await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queue.url, Entries }));
}

async function remove(
  { queue }: EventSource,
  client: SQSClient,
  messages: readonly Message[],
): Promise<void> {
  if (messages.length === 0) return;
  await client.send(new DeleteMessageBatchCommand({ QueueUrl: queue.url, Entries: entriesOf(messages) }));
}
