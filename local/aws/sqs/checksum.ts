import { createHash } from 'node:crypto';
import type { MessageAttributeValue } from '@aws-sdk/client-sqs';

export const md5 = (data: string | Uint8Array): string => createHash('md5').update(data).digest('hex');

/** SQS developer guide: "Calculating the MD5 message digest for message attributes". */
export function md5OfAttributes(attributes: Record<string, MessageAttributeValue>): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  return md5(Buffer.concat(names.flatMap((name) => encode(name, attributes[name] ?? { DataType: '' }))));
}

function encode(name: string, { DataType, StringValue, BinaryValue }: MessageAttributeValue): Buffer[] {
  const isText = StringValue !== undefined;
  const value = isText ? Buffer.from(StringValue) : Buffer.from(BinaryValue ?? []);
  return [
    ...sized(Buffer.from(name)),
    ...sized(Buffer.from(DataType ?? '')),
    Buffer.of(isText ? 1 : 2),
    ...sized(value),
  ];
}

function sized(bytes: Buffer): Buffer[] {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
}
