import type { Call } from '../world/ledger.ts';
import type { AwsError } from './errors.ts';
import type { Principal } from './keyring.ts';
import type { Schema, SchemaProblem } from './schema.ts';

/** One operation: its schema in the SDK, and what the world does. */
export interface Operation {
  readonly schema: Schema;
  /** `traceHeader` is the request's `X-Amzn-Trace-Id`, which the SDK sends from within a Lambda function. */
  readonly handle: (input: unknown, caller: Principal, traceHeader: string | undefined) => unknown;
}

/** One AWS service behind the JSON protocol. */
export interface Service {
  readonly api: Exclude<Call['api'], 'github'>;
  /** What comes before the dot in `X-Amz-Target`. */
  readonly target: string;
  readonly jsonVersion: '1.0' | '1.1';
  readonly operations: Readonly<Record<string, Operation>>;
  /** The code of the service's own 500. */
  readonly internalError: string;
  /** The service's own way to refuse a request that its schema does not allow. */
  readonly invalid: (problem: SchemaProblem) => AwsError;
  /** The value of `x-amzn-query-error` (awsQueryCompatible services: SQS). */
  readonly queryError?: (error: AwsError) => string;
}

/**
 * Ties a schema to its handler. The server has read the input by the schema before it calls, so the input is
 * what the SDK's type `I` describes, and what is returned is written by the schema.
 */
export function operation<I, O>(
  schema: Schema,
  handle: (input: I, caller: Principal, traceHeader: string | undefined) => O | Promise<O>,
): Operation {
  return { schema, handle: (input, caller, traceHeader) => handle(input as I, caller, traceHeader) };
}
