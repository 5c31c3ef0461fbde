import type { JobEvent } from '../core/job/events.ts';
import { fullName } from '../core/job/repository.ts';
import type { TaskFact } from '../core/task/facts.ts';

/** The runner is the task's own, by the id that GitHub gave it, and in a scope in which this repository's jobs can get it. */
export function doesFit({ runnerId, repository }: JobEvent, { registration }: TaskFact): boolean {
  if (registration === undefined || registration.runnerId !== runnerId) return false;
  const { scope, account } = registration;
  const { installationId } = repository;
  const isSame = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const isInScope = [`orgs/${repository.owner}`, `repos/${fullName(repository)}`].some((own) =>
    isSame(own, scope),
  );
  const isOtherInstallation =
    installationId !== undefined &&
    account.installationId !== undefined &&
    installationId !== account.installationId;
  return isInScope && !isOtherInstallation;
}
