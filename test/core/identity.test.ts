import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  generationAt,
  LONGEST_PREFIX,
  PREFIX_PATTERN,
  parseRunnerName,
  runnerName,
} from '../../functions/core/job/identity.ts';

const identities = fc.record({
  repositoryId: fc.integer({ min: 1, max: 10 ** 12 - 1 }),
  jobId: fc.integer({ min: 1, max: 10 ** 13 - 1 }),
  generation: fc.integer({ min: 0, max: 999 }),
  isFallback: fc.boolean(),
});
const prefixes = fc.stringMatching(PREFIX_PATTERN).filter((text) => text.length <= LONGEST_PREFIX);

describe('the launch identity', () => {
  it('should come back from the name it makes, whatever the prefix', () => {
    fc.assert(
      fc.property(prefixes, identities, (prefix, identity) => {
        expect(parseRunnerName(prefix, runnerName(prefix, identity))).toEqual(identity);
      }),
    );
  });

  it('should fit into a runner’s name and a clientToken', () => {
    fc.assert(
      fc.property(prefixes, identities, (prefix, identity) => {
        expect(runnerName(prefix, identity).length).toBeLessThanOrEqual(64);
      }),
    );
  });

  it.each([
    'oneshot-dev-2-1-2-3',
    'oneshot-de-1-2-3',
    'oneshot-dev-1-2',
    'oneshot-dev-1-2-3-odd',
    'oneshot-dev-1-2-1000',
    'oneshot-dev-1-2-x',
    'my-runner',
    '',
  ])('should not take %s for its own', (name) => {
    expect(parseRunnerName('oneshot-dev', name)).toBeUndefined();
  });

  it('should be of one deployment only, though another region or account has a stack of the same name', () => {
    const name = runnerName('oneshot-prod-51af3dc0', {
      repositoryId: 1,
      jobId: 2,
      generation: 0,
      isFallback: false,
    });
    for (const other of ['oneshot-prod', 'oneshot-prod-0a1b2c3d', 'oneshot-prod-51af3dc', 'oneshot'])
      expect([other, parseRunnerName(other, name)]).toEqual([other, undefined]);
  });

  it('should be another in each minute of a job’s life, and never another in the same one', () => {
    const createdAtMs = Date.UTC(2026, 0, 5);
    fc.assert(
      fc.property(fc.nat(40 * 60_000_000), fc.nat(999 * 60_000), (earlierMs, laterByMs) => {
        const atMs = createdAtMs + earlierMs;
        const minutes = (ms: number) => Math.floor((ms - createdAtMs) / 60_000);
        const isSame = generationAt(createdAtMs, atMs) === generationAt(createdAtMs, atMs + laterByMs);
        expect(isSame).toBe(minutes(atMs) === minutes(atMs + laterByMs));
      }),
    );
  });

  it('should be the webhook’s in the first minute, also where GitHub’s clock runs ahead', () => {
    expect([59_999, 0, -5_000].map((ageMs) => generationAt(1_000_000, 1_000_000 + ageMs))).toEqual([0, 0, 0]);
  });
});
