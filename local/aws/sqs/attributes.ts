import { AwsError } from '../errors.ts';
import type { Queue } from './queue.ts';

/** GetQueueAttributes: all are text; without names none are given. */
export function attributesOf(queue: Queue, names: readonly string[]): Record<string, string> {
  const all = allAttributes(queue);
  const unknown = names.find((name) => name !== 'All' && !KNOWN.has(name));
  if (unknown !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
  return names.includes('All')
    ? all
    : Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}

/** Attributes that a queue may lack. */
const OPTIONAL = [
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'Policy',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
];
const FIFO = ['FifoQueue', 'ContentBasedDeduplication', 'DeduplicationScope', 'FifoThroughputLimit'];
const COMMON = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateNumberOfMessagesNotVisible',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'QueueArn',
  'ReceiveMessageWaitTimeSeconds',
  'VisibilityTimeout',
  'SqsManagedSseEnabled',
];
const KNOWN = new Set([...COMMON, ...FIFO, ...OPTIONAL]);

function allAttributes(queue: Queue): Record<string, string> {
  const { visible, delayed, inFlight } = queue.depth();
  const { settings } = queue;
  const createdAt = String(Math.floor(queue.createdAtMs / 1000));
  return {
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    CreatedTimestamp: createdAt,
    LastModifiedTimestamp: createdAt,
    DelaySeconds: String(settings.delaySeconds),
    MaximumMessageSize: String(settings.maximumMessageBytes),
    MessageRetentionPeriod: String(settings.retentionSeconds),
    QueueArn: queue.arn,
    ReceiveMessageWaitTimeSeconds: '0',
    VisibilityTimeout: String(settings.visibilityTimeoutSeconds),
    SqsManagedSseEnabled: 'true',
    ...redriveAttribute(queue),
    ...fifoAttributes(queue),
  };
}

function redriveAttribute({ settings: { redrive } }: Queue): Record<string, string> {
  if (!redrive) return {};
  const policy = { deadLetterTargetArn: redrive.queue.arn, maxReceiveCount: redrive.maximumReceives };
  return { RedrivePolicy: JSON.stringify(policy) };
}

function fifoAttributes({ isFifo, settings }: Queue): Record<string, string> {
  if (!isFifo) return {};
  return {
    FifoQueue: 'true',
    ContentBasedDeduplication: String(settings.contentBasedDeduplication),
    DeduplicationScope: 'queue',
    FifoThroughputLimit: 'perQueue',
  };
}
