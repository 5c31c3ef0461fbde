import type { Scope } from './decide-launch.ts';
import type { TaskFact } from './plan-sweep.ts';
import type { Account } from './ports.ts';

/** The container of both task definitions in which the supervisor runs. */
export const CONTAINER_NAME = 'runner';

export interface TaskIdentity {
  readonly account: Account;
  readonly scope: Scope;
  readonly runnerId: number;
}

/**
 * What a task's override environment says of its registration (rule 2): ECS keeps it for as long as it shows the
 * task, also after a stop. Nothing in it is a secret; the sealed config is added by the launch.
 */
export function writeTaskIdentity({ account, scope, runnerId }: TaskIdentity): Record<string, string> {
  return {
    ONESHOT_RUNNER_ID: String(runnerId),
    ONESHOT_RUNNER_SCOPE: scope,
    ONESHOT_OWNER_TYPE: account.ownerType,
    ...(account.installationId !== undefined && { ONESHOT_INSTALLATION_ID: String(account.installationId) }),
  };
}

/** The reverse; `undefined` for a task that no launch of ours has started. */
export function readTaskIdentity(environment: ReadonlyMap<string, string>): TaskFact['registration'] {
  const runnerId = Number(environment.get('ONESHOT_RUNNER_ID'));
  const scope = environment.get('ONESHOT_RUNNER_SCOPE') ?? '';
  const installationId = Number(environment.get('ONESHOT_INSTALLATION_ID'));
  const owner = scope.split('/')[1];
  if (!Number.isSafeInteger(runnerId) || runnerId <= 0 || !isScope(scope) || owner === undefined)
    return undefined;
  const ownerType = environment.get('ONESHOT_OWNER_TYPE') === 'User' ? 'User' : 'Organization';
  const account = {
    owner,
    ownerType,
    installationId: installationId > 0 ? installationId : undefined,
  } as const;
  return { account, scope, runnerId };
}

const isScope = (text: string): text is Scope => /^(orgs\/[\w.-]+|repos\/[\w.-]+\/[\w.-]+)$/.test(text);
