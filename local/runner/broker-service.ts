/** The stand-in's side of what runner and GitHub say to each other: docs/facts/runner-protocol.md. */
import { hostname } from 'node:os';
import type { JobMessage } from '../github/service/message.ts';
import { runnerToken } from './client-assertion.ts';
import type { RunnerConfig } from './jit-config.ts';
import { readMessage } from './messages.ts';
import { readRunnable } from './runnable.ts';
import type {
  AcquiredJob,
  ActionsService,
  Annotation,
  Completion,
  JobOffer,
  SessionAnswer,
  StepOutcome,
} from './service.ts';
import { VERSION } from './words.ts';
import { pause, worldHeaders } from './world-time.ts';

/** By the status alone; every other is tried again (BrokerHttpClient.cs, CreateSessionAsync). */
const SESSION_REFUSALS: ReadonlyMap<number, SessionAnswer> = new Map([
  [401, 'denied'],
  [403, 'denied'],
  [409, 'conflict'],
]);

/** What the listener takes for an answer (WIRE-21); it tries again after any other, 5 to 15 s later. */
const LOST: readonly number[] = [404, 409, 422];
const MOST_ACQUISITIONS = 5;
const ACQUISITION_PAUSE_SECONDS = 10;

interface Call {
  readonly method: string;
  readonly url: URL;
  readonly token: string;
  readonly body?: object;
  readonly signal?: AbortSignal;
}

const call = ({ method, url, token, body, signal }: Call): Promise<Response> =>
  fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...worldHeaders() },
    ...(body && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });

/** Its calls before a job are the runner's, with the runner's token; those of the job have the job's. */
export function createBrokerService(config: RunnerConfig): ActionsService {
  const runner = new RunnerCalls(config);
  let job: JobCalls | undefined;
  const acquired = () => {
    if (job === undefined) throw new Error('no job was acquired');
    return job;
  };
  return {
    createSession: () => runner.createSession(),
    nextMessage: (signal) => runner.nextMessage(job === undefined ? 'Online' : 'Busy', signal),
    async acquireJob(offer) {
      if (await runner.isUnknown(offer)) return 'unknown';
      const message = await runner.acquire(offer);
      if (message === 'lost') return 'lost';
      job = new JobCalls(message);
      return acquiredJob(message);
    },
    renewJob: () => acquired().renew(),
    completeJob: (completion) => acquired().complete(completion),
    deleteSession: async () => void (await runner.call('DELETE', 'session')),
  };
}

class RunnerCalls {
  readonly #config: RunnerConfig;
  #token = '';
  #sessionId = '';

  constructor(config: RunnerConfig) {
    this.#config = config;
  }

  /** A token that is refused is replaced, once (WIRE-11). */
  async call(method: string, path: string, more: Pick<Call, 'body' | 'signal'> = {}, base?: string) {
    const url = new URL(path, base ?? this.#config.serverUrl);
    const answer = await call({ method, url, token: this.#token, ...more });
    if (answer.status !== 401) return answer;
    const renewed = await runnerToken(this.#config);
    // A failure like any other for now (BrokerMessageListener.cs).
    if (renewed === 'refused') throw new Error('the registration was deleted');
    this.#token = renewed;
    return call({ method, url, token: this.#token, ...more });
  }

  async createSession(): Promise<SessionAnswer> {
    try {
      const token = await runnerToken(this.#config);
      if (token === 'refused') return 'refused';
      this.#token = token;
      const body = { ownerName: `${hostname()} (PID: ${process.pid})`, useFipsEncryption: false };
      const answer = await this.call('POST', 'session', { body });
      if (!answer.ok) return SESSION_REFUSALS.get(answer.status) ?? 'unreachable';
      ({ sessionId: this.#sessionId } = (await answer.json()) as { sessionId: string });
      return 'made';
    } catch {
      return 'unreachable';
    }
  }

  async nextMessage(status: 'Online' | 'Busy', signal: AbortSignal) {
    const path = `message?${this.#query(status)}&disableUpdate=true`;
    return readMessage(await this.call('GET', path, { signal }));
  }

  #query(status: string): URLSearchParams {
    const architecture = process.arch === 'arm64' ? 'ARM64' : 'X64';
    const asked = { sessionId: this.#sessionId, status, runnerVersion: VERSION, os: 'Linux', architecture };
    return new URLSearchParams(asked);
  }

  /** Whether the service says that it knows no such request; any other failure is passed over (Runner.cs). */
  async isUnknown({ requestId, isToBeAcknowledged }: JobOffer): Promise<boolean> {
    if (!isToBeAcknowledged) return false;
    const body = { runnerRequestId: requestId };
    const answer = await this.call('POST', `acknowledge?${this.#query('Online')}`, { body });
    if (answer.ok) return false;
    const { errorKind } = (await answer.json().catch(() => ({}))) as { errorKind?: string };
    return errorKind === 'AcknowledgeJobNotFound';
  }

  async acquire({ requestId, billingOwnerId, runServiceUrl }: JobOffer): Promise<JobMessage | 'lost'> {
    const body = { jobMessageId: requestId, runnerOS: 'Linux', billingOwnerId };
    // A connection of its own, and so a token of its own (WIRE-11).
    const token = await runnerToken(this.#config);
    if (token !== 'refused') this.#token = token;
    for (let tries = 1; ; tries++) {
      const answer = await this.call('POST', 'acquirejob', { body }, runServiceUrl);
      if (answer.ok) return (await answer.json()) as JobMessage;
      if (LOST.includes(answer.status) || tries === MOST_ACQUISITIONS) return 'lost';
      await pause(ACQUISITION_PAUSE_SECONDS);
    }
  }
}

class JobCalls {
  readonly #message: JobMessage;

  constructor(message: JobMessage) {
    this.#message = message;
  }

  async renew(): Promise<'renewed' | 'lost'> {
    return (await this.#call('renewjob', {})).ok ? 'renewed' : 'lost';
  }

  async complete({ conclusion, steps, annotations }: Completion): Promise<void> {
    const answer = await this.#call('completejob', {
      conclusion: wireName(conclusion),
      outputs: {},
      stepResults: steps.map(wireStep),
      annotations: annotations.map(wireAnnotation),
      billingOwnerId: this.#message.billingOwnerId,
    });
    if (!answer.ok) throw new Error(`completejob: ${answer.status}`);
  }

  #call(path: string, more: object): Promise<Response> {
    const { plan, jobId, resources } = this.#message;
    const [{ url, authorization }] = resources.endpoints;
    const body = { planId: plan.planId, jobId, ...more };
    const token = authorization.parameters.AccessToken;
    return call({ method: 'POST', url: new URL(path, url), token, body });
  }
}

/** Enums are camelCase (WIRE-1). */
const wireName = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

const wireAnnotation = (annotation: Annotation) => ({ level: 'failure', ...annotation });

const wireStep = ({ id, result, annotations, ...step }: StepOutcome) => ({
  ...step,
  external_id: id,
  status: 'completed',
  conclusion: wireName(result),
  annotations: annotations.map((annotation) => ({ ...wireAnnotation(annotation), stepNumber: step.number })),
});

function acquiredJob(message: JobMessage): AcquiredJob {
  const runnable = readRunnable(message);
  const { variables, jobId, jobDisplayName, jobContainer, jobServiceContainers } = message;
  const has = (variable: string) => variables[variable]?.value === 'true';
  return {
    id: jobId,
    name: jobDisplayName,
    result: 'Succeeded',
    ...('steps' in runnable ? runnable : { steps: [], ...runnable }),
    ...(jobServiceContainers !== undefined && { containers: 'services' }),
    ...(jobContainer !== undefined && { containers: 'job' }),
    ...(!has('actions_send_job_level_annotations') && { hidesJobAnnotations: true }),
    ...(!has('DistributedTask.AllowRunnerContainerHooks') && { refusesContainerHooks: true }),
  };
}
