import { randomUUID } from 'node:crypto';
import { AwsError } from '../errors.ts';
import type { Account } from './account.ts';

/** 256 KB (AWS-79). */
const LONGEST_MESSAGE = 262_144;

export const snsActions = { Publish: publish };

/** SNS API reference, Publish (AWS-79). */
function publish(input: URLSearchParams, { topics }: Account) {
  const [subject, message = ''] = [input.get('Subject') ?? undefined, input.get('Message') ?? ''];
  const topic = topics.get(input.get('TopicArn') ?? '');
  if (topic === undefined) throw new AwsError('NotFound', 'Topic does not exist', 404);
  if (subject !== undefined && !/^[!-~][ -~]{0,98}$/.test(subject)) throw invalid('Subject');
  if (message === '') throw invalid('Empty message');
  if (Buffer.byteLength(message) > LONGEST_MESSAGE) throw invalid('Message too long');
  topic.push({ subject, message });
  return { MessageId: randomUUID() };
}

const invalid = (what: string) => new AwsError('InvalidParameter', `Invalid parameter: ${what}`);
