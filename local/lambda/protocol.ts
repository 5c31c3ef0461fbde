export interface Invocation {
  readonly id: string;
  readonly event: unknown;
  readonly context: {
    readonly awsRequestId: string;
    readonly functionName: string;
    readonly timeoutMs: number;
  };
}

export type InvocationResult =
  | { readonly id: string; readonly value: unknown }
  | { readonly id: string; readonly error: string };
