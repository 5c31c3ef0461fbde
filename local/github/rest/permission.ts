import { ApiError } from '../api-error.ts';
import type { OperationDescription } from '../openapi.ts';
import type { Permissions } from '../types.ts';
import { type ApiRequest, scopeOf } from './context.ts';

const RANKS: Readonly<Record<string, number>> = { read: 1, write: 2, admin: 3 };

/** Whether what is granted includes what is asked for. */
export const permits = (granted: Permissions, name: string, level: string): boolean =>
  (RANKS[granted[name] ?? ''] ?? 0) >= (RANKS[level] ?? Number.POSITIVE_INFINITY);

/** The permission that an operation needs (docs.github.com: Permissions required for GitHub Apps). */
function neededPermission({ path, method }: OperationDescription): [string, 'read' | 'write'] {
  const level = method === 'GET' ? 'read' : 'write';
  if (path.startsWith('/orgs/')) return ['organization_self_hosted_runners', level];
  if (path.includes('/actions/runners')) return ['administration', level];
  if (path.includes('/deployments')) return ['deployments', level];
  return path.includes('/actions/') ? ['actions', level] : ['metadata', level];
}

/** Throws GitHub's refusal where the caller's token does not have the operation's permission. */
export function checkPermission({ operation, grant }: ApiRequest): void {
  if (grant === undefined) return;
  const [name, level] = neededPermission(operation);
  if (permits(grant.permissions, name, level)) return;
  const headers = { 'x-accepted-github-permissions': `${name}=${level}` };
  throw new ApiError(403, 'Resource not accessible by integration', { headers });
}

/** Throws where the path names a repository that is archived, and the call would change something there. */
export function checkWritable(request: ApiRequest): void {
  if (request.operation.method === 'GET' || !('repo' in request.params) || request.grant === undefined)
    return;
  if (scopeOf(request).repository?.isArchived)
    throw new ApiError(403, 'Repository was archived so is read-only.');
}
