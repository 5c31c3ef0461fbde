import { createHash } from 'node:crypto';
import { AwsError } from '../errors.ts';
import type { Account } from './account.ts';
import { writeXml } from './xml.ts';

export interface S3Call {
  readonly operation: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

interface S3Answer {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The operation, by method and path (S3 API reference); `undefined` for one that nothing here uses. */
export function operationOf(method: string, key: string, query: URLSearchParams): string | undefined {
  if (key !== '') return { GET: 'GetObject', HEAD: 'HeadObject', PUT: 'PutObject' }[method];
  if (method === 'HEAD') return 'HeadBucket';
  if (method === 'GET' && query.has('list-type')) return 'ListObjectsV2';
  if (method === 'POST' && query.has('delete')) return 'DeleteObjects';
  return undefined;
}

export function keysToDelete(body: string): string[] {
  return [...body.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key = '']) => key);
}

/** The deployment bucket: what osls keeps there between deployments. Every bucket is there. */
export function callS3(call: S3Call, { objects }: Account): S3Answer {
  const { operation, bucket, key, query, headers, body } = call;
  const name = `${bucket}/${key}`;
  if (operation === 'HeadBucket') return {};
  if (operation === 'ListObjectsV2') return { body: list(objects, bucket, query.get('prefix') ?? '') };
  if (operation === 'DeleteObjects') {
    const keys = keysToDelete(body.toString('utf8'));
    for (const one of keys) objects.delete(`${bucket}/${one}`);
    return { body: writeXml('DeleteResult', { Deleted: keys.map((Key) => ({ Key })) }) };
  }
  if (operation === 'PutObject') {
    const metadata = Object.entries(headers).filter(([header]) => header.startsWith('x-amz-meta-'));
    objects.set(name, { body, metadata: Object.fromEntries(metadata) });
    return { headers: { etag: `"${createHash('md5').update(body).digest('hex')}"` } };
  }
  const stored = objects.get(name);
  if (stored === undefined) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
  const isWhole = operation === 'GetObject';
  return { headers: stored.metadata, ...(isWhole && { body: stored.body.toString('utf8') }) };
}

function list(objects: Account['objects'], bucket: string, prefix: string): string {
  const found = [...objects.keys()].filter((name) => name.startsWith(`${bucket}/${prefix}`)).toSorted();
  return writeXml('ListBucketResult', {
    Name: bucket,
    KeyCount: found.length,
    IsTruncated: false,
    Contents: found.map((name) => ({
      Key: name.slice(bucket.length + 1),
      LastModified: '2026-01-01T00:00:00.000Z',
      Size: objects.get(name)?.body.length ?? 0,
    })),
  });
}
