import type { TaskView } from '../snapshot.ts';

/** What a task ran out of, how much it had, and what gives more (docs/labels.md). */
export function wantOf({
  ending,
  stop,
  size,
  provider,
}: Pick<TaskView, 'ending' | 'stop' | 'size' | 'provider'>): string | undefined {
  const { memoryGiB, storageGiB } = size;
  if (ending === 'ran-out-of-memory' || stop?.cause === 'out-of-memory')
    return `it had ${memoryGiB} GiB of memory; for more, memory=${2 * memoryGiB} in the label of runs-on`;
  const isDiskFull = ending === 'ran-out-of-disk' || stop?.cause === 'disk-full';
  if (isDiskFull && provider === 'docker')
    return 'the disk of its instance was full; for more, a larger dockerStorageGiB in the deployment';
  if (isDiskFull)
    return `it had ${storageGiB} GiB of disk; for more, storage=${2 * storageGiB} in the label of runs-on`;
  return undefined;
}
