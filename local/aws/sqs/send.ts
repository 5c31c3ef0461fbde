import { createHash } from 'node:crypto';
import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { AwsError } from '../errors.ts';
import { md5, md5OfAttributes } from './checksum.ts';
import type { Queue } from './queue.ts';

/** What SendMessage and an entry of SendMessageBatch have in common. */
export interface Sending {
  readonly MessageBody: string | undefined;
  readonly DelaySeconds?: number | undefined;
  readonly MessageAttributes?: Record<string, MessageAttributeValue> | undefined;
  readonly MessageGroupId?: string | undefined;
  readonly MessageDeduplicationId?: string | undefined;
}

/** Of SendMessage, and of each entry of SendMessageBatch. */
export interface Sent {
  readonly MessageId: string;
  readonly MD5OfMessageBody: string;
  readonly MD5OfMessageAttributes?: string;
  readonly SequenceNumber?: string;
}

export function sendMessage(queue: Queue, input: Sending, traceHeader: string | undefined): Sent {
  const body = input.MessageBody ?? '';
  checkBody(queue, input);
  checkDelay(queue, input.DelaySeconds);
  const { groupId, deduplicationId } = queue.isFifo ? fifoIdentity(queue, input) : standardIdentity(input);
  const attributes = input.MessageAttributes;
  const { id, sequence } = queue.send({
    body,
    attributes,
    groupId,
    deduplicationId,
    traceHeader,
    delaySeconds: input.DelaySeconds,
  });
  const attributesMd5 = md5OfAttributes(attributes ?? {});
  return {
    MessageId: id,
    MD5OfMessageBody: md5(body),
    ...(attributesMd5 ? { MD5OfMessageAttributes: attributesMd5 } : {}),
    ...(queue.isFifo ? { SequenceNumber: sequenceNumber(sequence) } : {}),
  };
}

/** Twenty digits, growing. */
export function sequenceNumber(sequence: number): string {
  return `1885${String(sequence).padStart(16, '0')}`;
}

/** The limit holds for a batch as a whole too. */
export function checkTotalSize(queue: Queue, entries: readonly Sending[]): void {
  const maximum = queue.settings.maximumMessageBytes;
  const total = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  if (total <= maximum) return;
  throw new AwsError(
    'BatchRequestTooLong',
    `Batch requests cannot be longer than ${maximum} bytes. You have sent ${total} bytes.`,
  );
}

function checkBody(queue: Queue, input: Sending): void {
  const body = input.MessageBody ?? '';
  if (body === '')
    throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.');
  // The characters that SQS allows (API reference, SendMessage).
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(body)) {
    throw new AwsError('InvalidMessageContents', 'Invalid characters were found in the message body.');
  }
  const maximum = queue.settings.maximumMessageBytes;
  if (sizeOf(input) <= maximum) return;
  const reason = `One or more parameters are invalid. Reason: Message must be shorter than ${maximum} bytes.`;
  throw invalid(reason);
}

function sizeOf({ MessageBody = '', MessageAttributes = {} }: Sending): number {
  const attributes = Object.entries(MessageAttributes).map(
    ([name, { DataType = '', StringValue = '', BinaryValue }]) =>
      Buffer.byteLength(name + DataType + StringValue) + (BinaryValue?.length ?? 0),
  );
  return attributes.reduce((sum, size) => sum + size, Buffer.byteLength(MessageBody));
}

/** FIFO queues have a delay for the whole queue and refuse one for a message; at most 15 minutes. */
function checkDelay(queue: Queue, delaySeconds: number | undefined): void {
  if (delaySeconds === undefined) return;
  const refused = (reason: string) =>
    invalid(`Value ${delaySeconds} for parameter DelaySeconds is invalid. Reason: ${reason}`);
  if (queue.isFifo) throw refused('The request include parameter that is not valid for this queue type.');
  if (!Number.isInteger(delaySeconds) || delaySeconds < 0 || delaySeconds > 900) {
    throw refused('DelaySeconds must be >= 0 and <= 900.');
  }
}

function fifoIdentity(queue: Queue, input: Sending): { groupId: string; deduplicationId: string } {
  const groupId = input.MessageGroupId;
  if (groupId === undefined) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter MessageGroupId.');
  }
  checkIdentifier('MessageGroupId', groupId);
  if (input.MessageDeduplicationId !== undefined) {
    checkIdentifier('MessageDeduplicationId', input.MessageDeduplicationId);
    return { groupId, deduplicationId: input.MessageDeduplicationId };
  }
  if (queue.settings.contentBasedDeduplication) {
    return {
      groupId,
      deduplicationId: createHash('sha256')
        .update(input.MessageBody ?? '')
        .digest('hex'),
    };
  }
  throw invalid(
    'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
  );
}

function standardIdentity(input: Sending): { groupId: string | undefined; deduplicationId: undefined } {
  if (input.MessageDeduplicationId !== undefined) {
    throw invalid(
      `Value ${input.MessageDeduplicationId} for parameter MessageDeduplicationId is invalid. ` +
        'Reason: The request includes a parameter that is not valid for this queue type.',
    );
  }
  if (input.MessageGroupId !== undefined) checkIdentifier('MessageGroupId', input.MessageGroupId);
  return { groupId: input.MessageGroupId, deduplicationId: undefined };
}

/** SQS API reference: up to 128 alphanumeric characters and punctuation. */
function checkIdentifier(name: string, value: string): void {
  if (/^[\x21-\x7e]{1,128}$/.test(value)) return;
  throw invalid(
    `Value ${value} for parameter ${name} is invalid. Reason: ${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );
}

const invalid = (message: string) => new AwsError('InvalidParameterValue', message);
