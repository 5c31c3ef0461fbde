/** Refusals in the form that the runner reads (WIRE-12, WIRE-19, WIRE-21). Anything else it takes for a passing failure. */
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** BrokerErrorKind.cs. */
export type BrokerErrorKind =
  | 'RunnerNotFound'
  | 'RunnerVersionTooOld'
  | 'RunnerSessionInvalid'
  | 'AcknowledgeJobNotFound';

/** The kind decides, not the status (WIRE-45). */
const STATUS: Readonly<Record<BrokerErrorKind, ContentfulStatusCode>> = {
  RunnerNotFound: 404,
  RunnerVersionTooOld: 403,
  RunnerSessionInvalid: 404,
  AcknowledgeJobNotFound: 404,
};

export function brokerRefusal(c: Context, errorKind: BrokerErrorKind, errorMessage: string): Response {
  const statusCode = STATUS[errorKind];
  return c.json({ source: 'actions-broker-listener', errorKind, statusCode, errorMessage }, statusCode);
}

export const runServiceRefusal = (
  c: Context,
  statusCode: 400 | 404 | 409 | 422,
  errorMessage: string,
): Response => c.json({ source: 'actions-run-service', statusCode, errorMessage }, statusCode);

export const unauthorized = (c: Context): Response => c.json({ message: 'Unauthorized' }, 401);

export const oauthRefusal = (
  c: Context,
  error: 'invalid_request' | 'unsupported_grant_type' | 'invalid_client',
  error_description: string,
): Response => c.json({ error, error_description }, 400);
