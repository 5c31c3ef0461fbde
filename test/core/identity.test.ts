import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LONGEST_PREFIX,
  PREFIX_PATTERN,
  parseRunnerName,
  runnerName,
} from '../../functions/core/identity.ts';

const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const identities = fc.record({ repositoryId: id, jobId: id, generation: fc.integer({ min: 0, max: 999 }) });
const prefixes = fc.stringMatching(PREFIX_PATTERN).filter((text) => text.length <= LONGEST_PREFIX);

describe('the launch identity', () => {
  it('should come back from the name it makes, whatever the prefix', () => {
    fc.assert(
      fc.property(prefixes, identities, (prefix, identity) => {
        expect(parseRunnerName(prefix, runnerName(prefix, identity))).toEqual(identity);
      }),
    );
  });

  it('should fit into a runner’s name and a clientToken with the fallback’s suffix', () => {
    fc.assert(
      fc.property(prefixes, identities, (prefix, identity) => {
        expect(`${runnerName(prefix, identity)}-od`.length).toBeLessThanOrEqual(64);
      }),
    );
  });

  it.each([
    'oneshot-dev-2-1-2-3',
    'oneshot-de-1-2-3',
    'oneshot-dev-1-2',
    'oneshot-dev-1-2-3-od',
    'oneshot-dev-1-2-x',
    'my-runner',
    '',
  ])('should not take %s for its own', (name) => {
    expect(parseRunnerName('oneshot-dev', name)).toBeUndefined();
  });
});
