import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import { AwsError } from '../errors.ts';

/** Each entry by itself: one that fails does not fail the batch (SQS API reference: the Batch actions). */
export function runBatch<E extends { Id: string | undefined }, R extends object>(
  entries: readonly E[],
  act: (entry: E) => R,
): { Successful: (R & { Id: string })[]; Failed: BatchResultErrorEntry[] } {
  checkEntries(entries.map(({ Id }) => Id ?? ''));
  const Successful: (R & { Id: string })[] = [];
  const Failed: BatchResultErrorEntry[] = [];
  for (const entry of entries) {
    const Id = entry.Id ?? '';
    try {
      Successful.push({ ...act(entry), Id });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id, Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  return { Successful, Failed };
}

function checkEntries(ids: readonly string[]): void {
  if (ids.length === 0)
    throw refuse('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (ids.length > 10) {
    throw refuse(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are 10. You have sent ${ids.length}.`,
    );
  }
  if (new Set(ids).size < ids.length) {
    throw refuse('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  }
  if (ids.every((id) => /^[A-Za-z0-9_-]{1,80}$/.test(id))) return;
  throw refuse(
    'InvalidBatchEntryId',
    'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
  );
}

const refuse = (code: string, message: string) => new AwsError(code, message);
