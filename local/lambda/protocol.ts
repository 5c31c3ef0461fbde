export interface Invocation {
  readonly id: string;
  readonly event: unknown;
  readonly context: unknown;
}

export type InvocationResult =
  | { readonly id: string; readonly value: unknown }
  | { readonly id: string; readonly error: string };
