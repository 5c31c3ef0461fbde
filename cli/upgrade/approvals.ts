import type { Policy } from '../../functions/core/job/policy.ts';
import type { Read } from '../doctor/link.ts';
import type { AppFact } from '../doctor/links/app.ts';
import type { InstallationFact } from '../doctor/links/installation.ts';
import { missingOf } from '../doctor/links/permissions.ts';

/** What an owner must do at GitHub before this version can work, and the page where it is done. */
export interface Approval {
  readonly what: string;
  readonly where: string;
}

/** The event that every version needs. */
const EVENT = 'workflow_job';

/** What the App lacks of what this version needs, and what an installation has not accepted. Pure. */
export function approvalsOf(
  app: AppFact,
  installations: readonly InstallationFact[],
  policy: Policy,
  webUrl: string,
): Approval[] {
  const needed: Read<Policy> = { kind: 'read', value: policy };
  const settings = `${webUrl}${folderOf(app.owner, installations)}/settings/apps/${app.slug}/permissions`;
  const lacking = [
    ...missingOf(app.permissions, needed).map((one) => `grant the App ${app.slug} the permission ${one}`),
    ...(app.events.includes(EVENT) ? [] : [`subscribe the App ${app.slug} to the event ${EVENT}`]),
  ];
  const behind = installations.filter(
    ({ isOrganization, isSuspended, permissions }) =>
      isOrganization && !isSuspended && missingOf(permissions, needed).length > 0,
  );
  return [
    ...lacking.map((what) => ({ what, where: settings })),
    ...behind.map(({ account, id, permissions }) => ({
      what: `an owner of ${account} accepts ${missingOf(permissions, needed).join(', ')}`,
      where: `${webUrl}/organizations/${account}/settings/installations/${id}`,
    })),
  ];
}

/** A person's settings have no folder. */
function folderOf(owner: string, installations: readonly InstallationFact[]): string {
  const isPerson = installations.some(({ account, isOrganization }) => account === owner && !isOrganization);
  return isPerson ? '' : `/organizations/${owner}`;
}
