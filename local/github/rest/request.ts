/** A call as it comes in: who makes it, and what it asks for. */
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { ApiError } from '../api-error.ts';
import type { OperationDescription } from '../openapi.ts';
import type { ApiRequest, RestContext } from './context.ts';

type Incoming = Context<{ Bindings: HttpBindings }>;

/** A code in the path is all that these want. */
const isOpen = ({ path }: OperationDescription): boolean => path.startsWith('/app-manifests/');

/** The App itself is asked for what concerns the App; everything else is an installation's. */
const forApp = ({ path }: OperationDescription): boolean =>
  path === '/app' || path.startsWith('/app/') || path.endsWith('/installation');

/** Throws unless the caller is whom the operation is for. */
export async function readRequest(
  { auth }: RestContext,
  operation: OperationDescription,
  c: Incoming,
): Promise<ApiRequest> {
  const authorization = c.req.header('authorization');
  if (forApp(operation)) auth.verifyApp(authorization);
  const hasGrant = !forApp(operation) && !isOpen(operation);
  const grant = hasGrant ? auth.verifyInstallation(authorization) : undefined;
  const { searchParams: query, pathname: path } = new URL(c.req.url);
  const headers = {
    authorization: authorization ?? '',
    ifNoneMatch: c.req.header('if-none-match') ?? '',
  };
  return {
    operation,
    params: c.req.param() as Record<string, string>,
    query,
    path,
    headers,
    body: await bodyOf(c),
    grant,
  };
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
