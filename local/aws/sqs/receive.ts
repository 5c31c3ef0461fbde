import type { ReceiveMessageRequest, ReceiveMessageResult, Message as SqsMessage } from '@aws-sdk/client-sqs';
import type { WorldClock } from '../../world/clock.ts';
import { AwsError } from '../errors.ts';
import { md5, md5OfAttributes } from './checksum.ts';
import type { Message, Queue } from './queue.ts';
import { sequenceNumber } from './send.ts';

/** ReceiveMessage; with `WaitTimeSeconds` it waits in world time until there is a message. */
export async function receiveMessages(
  queue: Queue,
  input: ReceiveMessageRequest,
  clock: WorldClock,
): Promise<ReceiveMessageResult> {
  const maximum = within('MaxNumberOfMessages', input.MaxNumberOfMessages ?? 1, 1, 10);
  const waitSeconds = within('WaitTimeSeconds', input.WaitTimeSeconds ?? 0, 0, 20);
  const visibility =
    input.VisibilityTimeout === undefined
      ? undefined
      : within('VisibilityTimeout', input.VisibilityTimeout, 0, 43_200);
  const endMs = clock.nowMs() + waitSeconds * 1000;
  let messages = queue.receive(maximum, visibility);
  while (messages.length === 0 && clock.nowMs() < endMs) {
    await queue.waitForMessage(endMs - clock.nowMs());
    messages = queue.receive(maximum, visibility);
  }
  return messages.length === 0 ? {} : { Messages: messages.map((message) => show(message, queue, input)) };
}

function show(message: Message, queue: Queue, input: ReceiveMessageRequest): SqsMessage {
  const attributes = select(systemAttributes(message, queue), [
    ...(input.MessageSystemAttributeNames ?? []),
    ...(input.AttributeNames ?? []),
  ]);
  const custom = select(message.attributes ?? {}, input.MessageAttributeNames ?? []);
  const customMd5 = md5OfAttributes(custom);
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    Body: message.body,
    MD5OfBody: md5(message.body),
    ...(Object.keys(attributes).length > 0 ? { Attributes: attributes } : {}),
    ...(customMd5 ? { MessageAttributes: custom, MD5OfMessageAttributes: customMd5 } : {}),
  };
}

function systemAttributes(message: Message, queue: Queue): Record<string, string> {
  return {
    ApproximateReceiveCount: String(message.receives),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs ?? ''),
    SentTimestamp: String(message.sentAtMs),
    SenderId: 'AROAEMBEDDEDWORLD',
    ...(message.groupId === undefined ? {} : { MessageGroupId: message.groupId }),
    ...(message.deduplicationId === undefined ? {} : { MessageDeduplicationId: message.deduplicationId }),
    ...(message.traceHeader === undefined ? {} : { AWSTraceHeader: message.traceHeader }),
    ...(queue.isFifo ? { SequenceNumber: sequenceNumber(message.sequence) } : {}),
  };
}

/** By name, by `prefix.*`, or `All`. */
function select<T>(values: Record<string, T>, names: readonly string[]): Record<string, T> {
  const wanted = (name: string) =>
    names.some(
      (n) => n === 'All' || n === '.*' || n === name || (n.endsWith('.*') && name.startsWith(n.slice(0, -1))),
    );
  return Object.fromEntries(Object.entries(values).filter(([name]) => wanted(name)));
}

function within(name: string, value: number, from: number, to: number): number {
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  throw new AwsError(
    'InvalidParameterValue',
    `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${from} and ${to}, if provided.`,
  );
}
