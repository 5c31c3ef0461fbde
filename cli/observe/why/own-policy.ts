import type { Policy } from '../../../functions/core/job/policy.ts';
import { policyOf } from '../../../functions/core/job/rules.ts';
import type { Snapshot } from '../snapshot.ts';

/** The policy of a repository (`owner/name`); `undefined` where none was read. */
export function ownPolicy(repository: string, { policy }: Pick<Snapshot, 'policy'>): Policy | undefined {
  const [owner = '', name = ''] = repository.split('/');
  return policy && policyOf({ owner, name }, policy);
}
