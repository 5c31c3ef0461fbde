/** A call as it comes in: who makes it, and what it asks for. */
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { ApiError, badCredentials } from '../api-error.ts';
import type { OperationDescription } from '../openapi.ts';
import type { ApiRequest, RestContext } from './context.ts';
import { withName } from './moved.ts';

type Incoming = Context<{ Bindings: HttpBindings }>;

/** A code in the path is all that these want. */
const isOpen = ({ path }: OperationDescription): boolean => path.startsWith('/app-manifests/');

/** The App itself is asked for what concerns the App; everything else is an installation's. */
const forApp = ({ path }: OperationDescription): boolean =>
  path === '/app' || path.startsWith('/app/') || path.endsWith('/installation');

/** Throws unless the caller is whom the operation is for. */
export async function readRequest(
  context: RestContext,
  operation: OperationDescription,
  c: Incoming,
): Promise<ApiRequest> {
  const { auth } = context;
  const authorization = c.req.header('authorization');
  if (forApp(operation)) auth.verifyApp(authorization);
  const hasGrant = !forApp(operation) && !isOpen(operation);
  const grant = hasGrant ? auth.verifyInstallation(authorization) : undefined;
  if (grant !== undefined) revokeAtTimes(context, authorization ?? '');
  const { searchParams: query, pathname: path } = new URL(c.req.url);
  const headers = {
    authorization: authorization ?? '',
    ifNoneMatch: c.req.header('if-none-match') ?? '',
  };
  const params = withName(c.req.param() as Record<string, string>, context);
  return {
    operation,
    params,
    query,
    path,
    headers,
    body: await bodyOf(c),
    grant,
  };
}

/** GitHub has been seen to end tokens within their hour (octokit/auth-app#117). */
function revokeAtTimes({ auth, faults }: RestContext, authorization: string): void {
  if (!faults.strikes('github-token-revoked')) return;
  auth.revoke({ authorization });
  throw badCredentials();
}

async function bodyOf(c: Incoming): Promise<Record<string, unknown>> {
  const text = await c.req.text();
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Answered below.
  }
  throw new ApiError(400, 'Problems parsing JSON');
}
