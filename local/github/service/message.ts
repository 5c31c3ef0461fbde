/** The message that a worker gets of its job (WIRE-25 to WIRE-31), made of the job and of its definition. */
import type { JobRecord } from '../records.ts';
import type { ServiceAddresses } from './addresses.ts';
import { type ContextData, contextData } from './context-data.ts';
import type { ContextValue, JobDefinition, Token } from './definition.ts';
import { githubContext } from './github-context.ts';
import { mayHaveIdToken } from './id-claims.ts';
import { plainDefinition } from './plain-definition.ts';
import { type MessageStep, messageSteps } from './steps.ts';

/** What the message says that changes from one job to the next, and is not of the job itself. */
export interface MessageSurroundings {
  readonly addresses: ServiceAddresses;
  /** `AccessToken`, of JobTokens. */
  readonly accessToken: string;
  /** `github.token`. */
  readonly repositoryToken: string;
  /** How much faster the world is than the processes in it. */
  readonly speed: number;
}

interface Variable {
  readonly value: string;
  readonly isSecret?: true;
}

export interface JobMessage {
  readonly messageType: 'RunnerJobRequest';
  readonly plan: {
    readonly planId: string;
    readonly scopeIdentifier: string;
    readonly planType: string;
    readonly version: number;
  };
  readonly timeline: { readonly id: string };
  readonly jobId: string;
  readonly jobDisplayName: string;
  readonly jobName: string;
  readonly requestId: number;
  readonly resources: { readonly endpoints: readonly [Endpoint] };
  readonly variables: Readonly<Record<string, Variable>>;
  readonly contextData: Readonly<Record<string, ContextData>>;
  readonly steps: readonly MessageStep[];
  readonly fileTable: readonly string[];
  readonly billingOwnerId: string;
  readonly environmentVariables?: readonly Token[];
  readonly defaults?: readonly Token[];
  readonly jobContainer?: Token;
  readonly jobServiceContainers?: Token;
  readonly jobOutputs?: Token;
}

interface Endpoint {
  readonly name: 'SystemVssConnection';
  readonly url: string;
  readonly authorization: {
    readonly scheme: 'OAuth';
    readonly parameters: { readonly AccessToken: string };
  };
  readonly data: Readonly<Record<string, string>>;
}

/** The numeric id of an owner whom the minutes are charged to, as the service gives it: text. */
export const billingOwnerOf = ({ run }: JobRecord): string => `U_${run.installation.owner.id}`;

export function jobMessage(job: JobRecord, surroundings: MessageSurroundings): JobMessage {
  const definition = job.definition ?? plainDefinition(job, surroundings.speed);
  return {
    messageType: 'RunnerJobRequest',
    plan: { planId: job.planGuid, scopeIdentifier: job.planGuid, planType: 'free', version: 12 },
    timeline: { id: job.guid },
    jobId: job.guid,
    jobDisplayName: job.name,
    jobName: definition.key,
    requestId: job.assignments,
    resources: { endpoints: [endpoint(job, surroundings)] },
    variables: variables(job, definition, surroundings),
    contextData: contexts(job, definition, surroundings.addresses),
    steps: messageSteps(job.guid, definition.steps),
    fileTable: [job.run.origin.path],
    billingOwnerId: billingOwnerOf(job),
    ...optionalMembers(definition),
  };
}

/** A member without a value is left out (WIRE-1). */
function optionalMembers({ environment, defaults, container, services, outputs }: JobDefinition) {
  return {
    ...(environment?.length && { environmentVariables: environment }),
    ...(defaults?.length && { defaults }),
    ...(container && { jobContainer: container }),
    ...(services && { jobServiceContainers: services }),
    ...(outputs && { jobOutputs: outputs }),
  };
}

function endpoint(job: JobRecord, { addresses, accessToken }: MessageSurroundings): Endpoint {
  return {
    name: 'SystemVssConnection',
    url: addresses.run,
    authorization: { scheme: 'OAuth', parameters: { AccessToken: accessToken } },
    data: given({
      ResultsServiceUrl: addresses.results,
      GenerateIdTokenUrl: mayHaveIdToken(job) ? addresses.idToken : undefined,
      FeedStreamUrl: addresses.feed,
      CacheServerUrl: addresses.cache,
    }),
  };
}

/** Flags that GitHub is taken to send: hooks for containers, notices, annotations of the job (WIRE-29). */
const FLAGS: Readonly<Record<string, string>> = {
  'DistributedTask.AllowRunnerContainerHooks': 'true',
  'DistributedTask.EnhancedAnnotations': 'true',
  actions_send_job_level_annotations: 'true',
  // Without it nobody is told why an action cannot be had (LaunchServer.cs).
  actions_display_helpful_actions_download_errors: 'true',
  // Without it a worker of 2.336.0 cannot upload a log of more than one block (WIRE-59).
  'system.github.results_upload_with_sdk': 'true',
};

function variables(job: JobRecord, definition: JobDefinition, around: MessageSurroundings) {
  const { addresses, repositoryToken } = around;
  const plain = given({
    ...FLAGS,
    'system.github.job': definition.key,
    'system.runnerGroupName': job.runnerGroupName ?? undefined,
    'system.github.results_endpoint': addresses.results,
    'system.github.launch_endpoint': addresses.launch,
  });
  // The first becomes github.token and the second secrets.GITHUB_TOKEN (WIRE-28).
  const tokens = { 'system.github.token': repositoryToken, github_token: repositoryToken };
  return {
    ...eachVariable(plain, (value) => ({ value })),
    ...eachVariable({ ...definition.secrets, ...tokens }, (value) => ({ value, isSecret: true })),
  };
}

const eachVariable = (values: Readonly<Record<string, string>>, make: (value: string) => Variable) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, make(value)]));

/**
 * Each must be there, whatever the workflow: the worker expands `${{ }}` of an action's inputs only where all contexts that
 * may stand there are known, `strategy` and `matrix` too (WIRE-50). Of a job without a matrix.
 */
const NO_CONTEXTS: Readonly<Record<string, ContextValue>> = {
  needs: {},
  strategy: { 'fail-fast': true, 'job-index': 0, 'job-total': 1, 'max-parallel': 1 },
  matrix: null,
  vars: {},
  inputs: {},
};

function contexts(job: JobRecord, definition: JobDefinition, addresses: ServiceAddresses) {
  const all = { ...NO_CONTEXTS, ...definition.contexts, github: githubContext(job, definition, addresses) };
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, contextData(value)]));
}

/** Without those that have no value. */
function given(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const pairs = Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return Object.fromEntries(pairs);
}
