export interface Invocation {
  readonly id: string;
  readonly event: unknown;
  readonly context: {
    readonly awsRequestId: string;
    readonly functionName: string;
    readonly functionVersion: string;
    readonly memoryLimitInMB: string;
    readonly timeoutMs: number;
  };
  /** The value of `_X_AMZN_TRACE_ID` for this invocation, as the runtime sets it. */
  readonly traceHeader: string;
}

export type InvocationResult =
  | { readonly id: string; readonly value: unknown }
  | { readonly id: string; readonly error: string };
