import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord, SQSRecordAttributes } from 'aws-lambda';
import type { WorldClock } from '../world/clock.ts';
import type { Faults } from '../world/faults.ts';

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
  /** Real time, as functions run in it. */
  readonly timeoutSeconds: number;
  /** False while the source is disabled, or the function closed: then nothing is received. */
  readonly isFed: () => boolean;
  /** With the trace header that the messages carried. */
  invoke(event: SQSEvent, traceHeader: string | undefined): Promise<unknown>;
}

/** How long a receive whose answer is lost hides its messages. World time. */
const FIRST_HOLD_SECONDS = 60;
/** The same in real time, which the answer needs to arrive in a fast world too: else it is received twice, and buried. */
const FIRST_HOLD_REAL_SECONDS = 3;
const LONGEST_HOLD_SECONDS = 43_200;
/** Real time between two receives that found nothing, which in a fast world would follow each other closely. */
const PAUSE_MS = 50;

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
    const messages = source.isFed() ? await receive(source, client, signal).catch(() => []) : [];
    if (messages.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      continue;
    }
    const batch = handle(source, client, messages).catch(() => undefined);
    const tracked: Promise<void> = batch.then(() => void running.delete(tracked));
    running.add(tracked);
  }
}

async function receive(
  { queue, batchSize, clock }: EventSource,
  client: SQSClient,
  abortSignal: AbortSignal,
): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: queue.url,
    MaxNumberOfMessages: batchSize,
    WaitTimeSeconds: 20,
    VisibilityTimeout: Math.max(FIRST_HOLD_SECONDS, Math.ceil(FIRST_HOLD_REAL_SECONDS * clock.speed)),
    MessageSystemAttributeNames: ['All'],
  });
  return (await client.send(command, { abortSignal })).Messages ?? [];
}

async function handle(source: EventSource, client: SQSClient, messages: readonly Message[]): Promise<void> {
  const { clock, faults, visibilitySeconds, timeoutSeconds } = source;
  const receivedAtMs = clock.nowMs();
  // A function takes real time: in a fast world a doubt would appear again while it is still being reconciled.
  const holdSeconds = Math.max(visibilitySeconds, Math.ceil(timeoutSeconds * clock.speed));
  await hide(source, client, messages, Math.min(LONGEST_HOLD_SECONDS, holdSeconds));
  const isLost = faults.strikes('queue-lost');
  const failed = isLost ? new Set<string>() : await failures(source, messages);
  if (!isLost && faults.strikes('queue-twice')) await failures(source, messages);
  const done = messages.filter(({ MessageId = '' }) => !failed.has(MessageId));
  const undone = messages.filter(({ MessageId = '' }) => failed.has(MessageId));
  await remove(source, client, done);
  const passedSeconds = Math.floor((clock.nowMs() - receivedAtMs) / 1000);
  await hide(source, client, undone, Math.max(0, visibilitySeconds - passedSeconds));
}

/** Ids of what is to come again: a function that fails, or answers what Lambda cannot read, has done nothing. */
async function failures({ invoke, queue, region }: EventSource, messages: readonly Message[]) {
  const all = new Set(messages.map(({ MessageId = '' }) => MessageId));
  try {
    const event = { Records: messages.map((message) => toRecord(message, queue.arn, region)) };
    const answer = (await invoke(event, traceOf(messages))) as SQSBatchResponse | undefined;
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
