import { describe, expect, it } from 'vitest';
import { wantOf } from '../../cli/observe/why/want.ts';

const SIZE = { vcpu: 1, memoryGiB: 2, storageGiB: 20, arch: 'x64' } as const;

describe('what a task ran out of', () => {
  it.each([
    ['fargate', /it had 20 GiB of disk; for more, storage=40/],
    ['docker', /the disk of its instance was full; for more, a larger dockerStorageGiB/],
  ] as const)('should say what gives more disk, on %s', (provider, words) => {
    expect(wantOf({ ending: 'ran-out-of-disk', stop: undefined, size: SIZE, provider })).toMatch(words);
  });
});
