import { EventEmitter } from 'node:events';

type AwsApi =
  | 'ecs'
  | 'kms'
  | 'ssm'
  | 'sqs'
  | 'logs'
  | 'cloudwatch'
  | 'sns'
  | 'lambda'
  | 'servicequotas'
  | 'codebuild'
  | 'sts'
  | 'cloudformation'
  | 'iam'
  | 'ec2'
  | 'ecr'
  | 's3';

/** One call that a client made to one of the world's APIs. */
export interface Call {
  readonly api: 'github' | AwsApi;
  /** `RunTask`, `Encrypt`; for GitHub the OpenAPI operation id without its slash form, `actions/generate-...`. */
  readonly operation: string;
  readonly status: number;
  /** Of a request to GitHub. */
  readonly path?: string;
}

/**
 * What happened in the world, in order: calls counted by API and operation, and events for observers (the progress
 * display, the tests).
 */
export class Ledger extends EventEmitter<{ call: [Call] }> {
  readonly #counts = new Map<string, Map<string, number>>();

  record(call: Call): void {
    const operations = this.#counts.get(call.api) ?? new Map<string, number>();
    this.#counts.set(call.api, operations);
    operations.set(call.operation, (operations.get(call.operation) ?? 0) + 1);
    this.emit('call', call);
  }

  /** Calls by API and operation: `{ecs: {RunTask: 30}, ...}`. */
  counts(): Record<string, Record<string, number>> {
    return Object.fromEntries([...this.#counts].map(([api, ops]) => [api, Object.fromEntries(ops)]));
  }
}
