import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { parse } from 'yaml';
import type { RecursiveLoop } from '../lambda/function.ts';

/** What starts a function, as `serverless.yml` says it. Resources are named as there: `DoubtQueue.Arn`. */
export type Trigger =
  | { readonly kind: 'http' }
  | { readonly kind: 'schedule' }
  /** At a time of the week: the world has none, and it is invoked by hand. */
  | { readonly kind: 'calendar' }
  | {
      readonly kind: 'queue';
      readonly queue: string;
      readonly batchSize: number;
      readonly maximumConcurrency: number;
    }
  | { readonly kind: 'event'; readonly pattern: unknown };

export interface FunctionDefinition {
  readonly name: string;
  /** Path of the bundle below the project. */
  readonly bundle: string;
  readonly timeoutSeconds: number;
  readonly memoryMiB: number;
  readonly maximumRetries: number;
  /** What Lambda does when it invokes itself again and again. */
  readonly recursiveLoop: RecursiveLoop;
  readonly triggers: readonly Trigger[];
}

export interface Deployment {
  /** The runner image that is the default. */
  readonly image: string;
  readonly functions: readonly FunctionDefinition[];
  readonly queue: {
    readonly delaySeconds: number;
    readonly visibilitySeconds: number;
    readonly maximumReceives: number;
  };
}

const ROOT = path.join(import.meta.dirname, '../..');

const EVENT = v.union([
  v.pipe(
    v.object({ httpApi: v.string() }),
    v.transform((): Trigger => ({ kind: 'http' })),
  ),
  v.pipe(
    v.object({ schedule: v.object({ rate: v.string() }) }),
    v.transform(
      ({ schedule }): Trigger => ({ kind: schedule.rate.startsWith('cron(') ? 'calendar' : 'schedule' }),
    ),
  ),
  v.pipe(
    v.object({
      sqs: v.object({
        arn: v.string(),
        batchSize: v.number(),
        maximumConcurrency: v.number(),
        functionResponseType: v.literal('ReportBatchItemFailures'),
      }),
    }),
    v.transform(({ sqs }): Trigger => ({ kind: 'queue', queue: sqs.arn, ...sqs })),
  ),
  v.pipe(
    v.object({ eventBridge: v.object({ pattern: v.unknown() }) }),
    v.transform(({ eventBridge }): Trigger => ({ kind: 'event', pattern: eventBridge.pattern })),
  ),
]);

const SERVICE = v.object({
  params: v.object({ default: v.object({ image: v.string() }) }),
  provider: v.object({ memorySize: v.number() }),
  functions: v.record(
    v.string(),
    v.object({
      handler: v.string(),
      timeout: v.number(),
      memorySize: v.optional(v.number()),
      // Lambda's own default for asynchronous invocations.
      maximumRetryAttempts: v.optional(v.number(), 2),
      events: v.array(EVENT),
    }),
  ),
});

const QUEUES = v.object({
  // By the logical ids that osls gives functions: `ReconcileLambdaFunction`.
  extensions: v.optional(
    v.record(
      v.string(),
      v.object({ Properties: v.object({ RecursiveLoop: v.optional(v.picklist(['Allow', 'Terminate'])) }) }),
    ),
    {},
  ),
  Resources: v.object({
    DoubtQueue: v.object({
      Properties: v.object({
        DelaySeconds: v.number(),
        VisibilityTimeout: v.number(),
        RedrivePolicy: v.object({ maxReceiveCount: v.number() }),
      }),
    }),
  }),
});

/** Reads what is deployed to AWS, so that the embedded world deploys the same: the weekly summary where it is asked for. */
export function readDeployment({ weeklySummary = false } = {}): Deployment {
  const { functions, provider, params } = v.parse(SERVICE, readYaml('serverless.yml'));
  const { extensions, Resources } = v.parse(QUEUES, readYaml('infra/queue.yml'));
  const { DelaySeconds, VisibilityTimeout, RedrivePolicy } = Resources.DoubtQueue.Properties;
  return {
    image: params.default.image,
    functions: Object.entries(functions)
      .filter(([name]) => weeklySummary || name !== 'summary')
      .map(([name, { handler, timeout, memorySize, maximumRetryAttempts, events }]) => ({
        name,
        bundle: handler.replace(/\.handler$/, '.js'),
        timeoutSeconds: timeout,
        memoryMiB: memorySize ?? provider.memorySize,
        maximumRetries: maximumRetryAttempts,
        recursiveLoop: extensions[logicalIdOf(name)]?.Properties.RecursiveLoop ?? 'Terminate',
        triggers: events,
      })),
    queue: {
      delaySeconds: DelaySeconds,
      visibilitySeconds: VisibilityTimeout,
      maximumReceives: RedrivePolicy.maxReceiveCount,
    },
  };
}

/** As osls names a function in the template (its `naming.js`): `ReconcileLambdaFunction`. */
const logicalIdOf = (name: string): string =>
  `${name.slice(0, 1).toUpperCase()}${name.slice(1)}LambdaFunction`;

/** `!GetAtt X.Arn` is read as the text `X.Arn`: YAML without CloudFormation's tags. */
export const readYaml = (file: string): unknown =>
  parse(readFileSync(path.join(ROOT, file), 'utf8'), { logLevel: 'silent' });
