/**
 * What a job is beyond who may run it: the part of its message that comes from a workflow (docs/facts/runner-protocol.md,
 * WIRE-25 to WIRE-29). `message.ts` makes the message of it.
 */

/** Plain JSON. The message has it in the runner's own form (WIRE-27). */
export type ContextValue =
  | null
  | string
  | number
  | boolean
  | readonly ContextValue[]
  | { readonly [name: string]: ContextValue };

/** A template token in the form that the runner reads (WIRE-27). `expr` is without `${{ }}`. */
export type Token =
  | null
  | string
  | number
  | boolean
  | { readonly type: 1; readonly seq: readonly Token[] }
  | { readonly type: 2; readonly map: readonly { readonly Key: Token; readonly Value: Token }[] }
  | { readonly type: 3; readonly expr: string };

/** What a step runs. */
export type StepReference =
  | { readonly type: 'script' }
  | { readonly type: 'containerRegistry'; readonly image: string }
  | {
      readonly type: 'repository';
      readonly repositoryType: 'GitHub';
      /** `owner/name`. */
      readonly name: string;
      readonly ref: string;
      readonly path: string;
    }
  | { readonly type: 'repository'; readonly repositoryType: 'self'; readonly path: string };

export interface StepDefinition {
  /** Its `id`. Without one it has no outputs. */
  readonly id?: string;
  readonly name?: Token;
  /** Whole, without `${{ }}`: `success()` where the workflow says nothing. */
  readonly condition: string;
  readonly reference: StepReference;
  /** Of a script `script`, `shell` and `workingDirectory`; of an action its `with`. */
  readonly inputs?: Token;
  readonly environment?: Token;
  readonly continueOnError?: Token;
  readonly timeoutInMinutes?: Token;
}

export interface JobDefinition {
  /** Its key in the workflow: `github.job`. */
  readonly key: string;
  readonly steps: readonly StepDefinition[];
  /** `env` of the workflow and of the job, in this order. */
  readonly environment?: readonly Token[];
  /** `defaults` of the workflow and of the job, in this order. */
  readonly defaults?: readonly Token[];
  readonly container?: Token;
  readonly services?: Token;
  readonly outputs?: Token;
  /** GitHub itself cancels it then. Default: 360. */
  readonly timeoutMinutes?: number;
  /** Of `github`, what is not the same for every job of this world: `ref`, `sha`, `event_name`, `event`, `workflow`. */
  readonly github?: Readonly<Record<string, ContextValue>>;
  /** `needs`, `strategy`, `matrix`, `inputs`, `vars`. */
  readonly contexts?: Readonly<Record<string, ContextValue>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** `permissions` of the job's token. `id-token: write` gives it ID tokens. */
  readonly permissions?: Readonly<Record<string, 'read' | 'write' | 'none'>>;
}
