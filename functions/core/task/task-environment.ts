import { isName } from '../job/names.ts';
import type { TaskSize } from '../job/policy.ts';
import { PROVIDERS } from '../job/providers.ts';
import type { Repository, Scope } from '../job/repository.ts';
import { fullName } from '../job/repository.ts';
import { memoryMiB } from '../job/sizes.ts';

/** The container of both task definitions in which the supervisor runs. */
export const CONTAINER_NAME = 'runner';

export interface TaskIdentity {
  readonly repository: Repository;
  readonly scope: Scope;
  readonly runnerId: number;
  readonly labels: readonly string[];
  readonly workflowName?: string | undefined;
}

/** Puts the supervisor into rejection mode: it fails the job with this text, and runs none of its ordinary steps. */
export const REJECTION_VARIABLE = 'ONESHOT_REJECTION';

/**
 * What a task's override environment says of its registration (rule 2): ECS keeps it for as long as it shows the
 * task, also after a stop, when tags are gone. Nothing in it is a secret; the sealed config is added by the launch.
 */
export function writeTaskIdentity({
  repository,
  scope,
  runnerId,
  labels,
  workflowName,
}: TaskIdentity): Record<string, string> {
  const { ownerType, isPublic, installationId } = repository;
  return {
    ONESHOT_RUNNER_ID: String(runnerId),
    ONESHOT_RUNNER_SCOPE: scope,
    ONESHOT_REPOSITORY: fullName(repository),
    ONESHOT_OWNER_TYPE: ownerType,
    ONESHOT_VISIBILITY: isPublic ? 'public' : 'private',
    // Our labels have no spaces (docs/labels.md).
    ONESHOT_LABELS: labels.join(' '),
    ...(workflowName !== undefined && { ONESHOT_WORKFLOW: workflowName }),
    ...(installationId !== undefined && { ONESHOT_INSTALLATION_ID: String(installationId) }),
  };
}

/** The reverse; `undefined` for a task that none of our launches has started. `repositoryId` is the runner name's. */
export function readTaskIdentity(
  environment: ReadonlyMap<string, string>,
  repositoryId: number,
): TaskIdentity | undefined {
  const runnerId = Number(environment.get('ONESHOT_RUNNER_ID'));
  const scope = environment.get('ONESHOT_RUNNER_SCOPE') ?? '';
  const installationId = Number(environment.get('ONESHOT_INSTALLATION_ID'));
  const [owner = '', name = ''] = (environment.get('ONESHOT_REPOSITORY') ?? '').split('/');
  if (!Number.isSafeInteger(runnerId) || runnerId <= 0 || !isScope(scope) || !isName(owner) || !isName(name))
    return undefined;
  const repository: Repository = {
    id: repositoryId,
    owner,
    name,
    ownerType: environment.get('ONESHOT_OWNER_TYPE') === 'User' ? 'User' : 'Organization',
    isPublic: environment.get('ONESHOT_VISIBILITY') !== 'private',
    installationId: installationId > 0 ? installationId : undefined,
  };
  const labels = (environment.get('ONESHOT_LABELS') ?? '').split(' ').filter((label) => label !== '');
  const workflowName = environment.get('ONESHOT_WORKFLOW');
  return { repository, scope, runnerId, labels, workflowName };
}

/** What a job was given, as variables of its own: two CPUs can be seen where a quarter of one was bought. */
export function writeTaskSize({ vcpu, memoryGiB, storageGiB, provider }: TaskSize): Record<string, string> {
  return {
    ONESHOT_VCPU: String(vcpu),
    ONESHOT_MEMORY_MIB: memoryMiB(memoryGiB),
    // Docker's disk is the instance's, and its task definition says how large it is.
    ...(PROVIDERS[provider].isFargate && { ONESHOT_STORAGE_GIB: String(storageGiB) }),
    ONESHOT_SPOT: String(PROVIDERS[provider].isInterruptible),
  };
}

const isScope = (text: string): text is Scope => /^(orgs\/[\w.-]+|repos\/[\w.-]+\/[\w.-]+)$/.test(text);

/** The mark (rule 19): a tag, as nothing else of a task can be changed while it runs. */
export const MARK_TAG = 'oneshot:running-job';

/** When GitHub's word that the task's job is over was heard (rule 23), epoch milliseconds. */
export const JOB_OVER_TAG = 'oneshot:job-over-at';
