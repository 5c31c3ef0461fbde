import type { Doubt } from '../functions/core/plan/doubt.ts';
import { emptySweepMemory } from '../functions/core/plan/sweep-memory.ts';
import type { TaskFact } from '../functions/core/task/facts.ts';
import { type ReconcileReport, reconcile } from '../functions/reconcile/reconcile.ts';
import { type DoubtMessage, takeDoubt } from '../functions/reconcile/take-doubt.ts';
import { settle } from '../functions/settle/settle.ts';
import { sweep } from '../functions/sweep/sweep.ts';
import type { Answer } from '../functions/webhook/context.ts';
import { type Cooling, createCooling } from '../functions/webhook/cooling.ts';
import { receive } from '../functions/webhook/receive.ts';
import { readDeployment } from '../local/world/deployment.ts';
import { retryAfterMs } from '../model/lambda.ts';
import { Invocation } from './invocation.ts';
import { createPorts, type Services } from './ports.ts';
import { MINUTE, SECOND } from './world.ts';

const DEPLOYED = readDeployment();
const deployed = (name: string) => DEPLOYED.functions.find((definition) => definition.name === name);
/** The functions' time limits as serverless.yml has them. */
const timeoutMsOf = (name: string): number => (deployed(name)?.timeoutSeconds ?? 0) * SECOND;
/** As in reconcile's handler: launching ends this long before the function's time does. */
const RESERVE_MS = 20 * SECOND;

/** As the handler of the sweep: it ends before its time does. */
const SWEEP_RESERVE_MS = 5 * SECOND;

/** What a warm instance of the webhook holds. */
interface Instance {
  readonly cooling: Cooling;
  /** When it last read the App's parameters, which serve for five minutes (functions/aws/parameters.ts). */
  parametersReadAtMs: number;
}

const PARAMETERS_LIFETIME_MS = 5 * MINUTE;

/** The four functions as serverless.yml deploys them, on the models: timeouts, retries, warm instances. */
export class Deployment {
  readonly #services: Services;
  readonly #warm: Instance[] = [];
  #memory = emptySweepMemory();
  readonly #looks = new Map<number, number>();
  #isSweeping = false;
  isScheduled = true;

  constructor(services: Services) {
    this.#services = services;
    services.deliveries.receive = (body, answer) => this.#webhook(body, answer);
    services.queue.consume = (message, done) => this.#reconcile(message, done);
    services.ecs.onStopped = (task) => this.#settle(task);
    services.world.clock.after(services.world.random() * MINUTE, () => this.#schedule());
  }

  #webhook(body: string, answer: (status: number) => void): void {
    const { world, policy, prefix } = this.#services;
    const instance = this.#warm.pop() ?? { cooling: createCooling(), parametersReadAtMs: -Infinity };
    let status = 503;
    const times = { deadlineMs: 8 * SECOND, timeoutMs: timeoutMsOf('webhook') };
    const invocation = new Invocation(world, 'webhook', times, (ending) => {
      if (ending !== 'killed') this.#warm.push(instance);
      answer(ending === 'answered' ? status : 502);
    });
    const { launching, looking, marking, getParameters } = createPorts(this.#services, invocation);
    const ports = {
      verifySignature: async () => {
        if (world.nowMs - instance.parametersReadAtMs >= PARAMETERS_LIFETIME_MS) {
          await getParameters();
          instance.parametersReadAtMs = world.nowMs;
        }
        return true;
      },
      launching: () => Promise.resolve(launching),
      looking: () => Promise.resolve(looking),
      settling: () => Promise.resolve(marking),
    };
    const headers = { 'x-hub-signature-256': 'sha256=ok', 'x-github-event': 'workflow_job' };
    const { cooling } = instance;
    const receiving = { policy, prefix, nowMs: world.nowMs, cooling };
    receive({ headers, body, isBase64Encoded: false }, ports, {
      ...receiving,
      signal: invocation.signal,
    }).then(
      (answered) => {
        status = answered.status;
        const isAsked = answered.decision?.verdict === 'launch';
        if (isAsked && !invocation.hasActed && !this.#isTrue(answered))
          world.violate('acknowledged in vain', `job ${answered.decision.jobId}: ${answered.message}`);
        invocation.end('answered');
      },
      () => invocation.end('failed'),
    );
  }

  /** What was answered without an act: the job has begun or ended. */
  #isTrue({ reason, decision }: Answer): boolean {
    const { github } = this.#services;
    const jobId = decision?.verdict === 'launch' ? decision.jobId : 0;
    const job = github.jobs.get(jobId);
    if (reason === 'already-completed') return job?.status === 'completed';
    return reason === 'already-started' && typeof job?.startedAtMs === 'number';
  }

  #reconcile(message: DoubtMessage, done: (isHandled: boolean) => void): void {
    const { world, policy, prefix } = this.#services;
    world.counts.reconciles += 1;
    const timeoutMs = timeoutMsOf('reconcile');
    const times = { deadlineMs: timeoutMs - RESERVE_MS, timeoutMs };
    const invocation = new Invocation(world, 'reconcile', times, (ending) => done(ending === 'answered'));
    const { reconciling, burying } = createPorts(this.#services, invocation);
    const { signal } = invocation;
    const options = { policy, prefix, signal, memory: this.#looks };
    const reconcileNow = (doubt: Doubt) => reconcile(doubt, reconciling, options);
    takeDoubt(message, { ...burying, reconcile: reconcileNow }, world.nowMs).then((taken) => {
      if (taken.kind === 'reconciled') this.#look(taken.doubt, taken.report);
      invocation.end(taken.kind === 'failed' ? 'failed' : 'answered');
    });
  }

  #look(doubt: Doubt, report: ReconcileReport): void {
    const { world, github, ecs } = this.#services;
    world.tell(() => describeRound(doubt, report));
    for (const { jobId, runnerName } of report.plan?.matched ?? []) {
      const { labels = [] } =
        ecs.tasks.find(({ request }) => request.runnerName === runnerName)?.request.launch ?? {};
      const isFit = github.jobs.get(jobId)?.labels.every((label) => labels.includes(label));
      if (!isFit) world.violate('matched in error', `job ${jobId} with ${runnerName} (${labels.join(' ')})`);
    }
  }

  /** An asynchronous invocation, which is made again when it fails. */
  #settle(task: TaskFact, failures = 0): void {
    const { world, prefix, policy } = this.#services;
    const again = () => {
      const waitMs = retryAfterMs(failures + 1, deployed('settle')?.maximumRetries ?? 0);
      if (waitMs !== undefined) world.clock.after(waitMs, () => this.#settle(task, failures + 1));
    };
    const timeoutMs = timeoutMsOf('settle');
    const times = { deadlineMs: timeoutMs, timeoutMs };
    const invocation = new Invocation(world, 'settle', times, (ending) => {
      if (ending !== 'answered') again();
    });
    const { settling } = createPorts(this.#services, invocation);
    settle(task, settling, { prefix, nowMs: world.nowMs, isRerunOn: policy.spot.rerun === 'once' }).then(
      ({ errors }) => invocation.end(errors.length > 0 ? 'failed' : 'answered'),
      () => invocation.end('failed'),
    );
  }

  #schedule(): void {
    const { world } = this.#services;
    if (!this.isScheduled) return;
    world.clock.after(MINUTE, () => this.#schedule());
    if (this.#isSweeping || world.isDuring('sweep-down')) return;
    this.#isSweeping = true;
    const timeoutMs = timeoutMsOf('sweep');
    const times = { deadlineMs: timeoutMs - SWEEP_RESERVE_MS, timeoutMs };
    const invocation = new Invocation(world, 'sweep', times, (ending) => {
      this.#isSweeping = false;
      if (ending === 'killed') this.#memory = emptySweepMemory();
    });
    const { sweeping } = createPorts(this.#services, invocation);
    const { policy, nowMs } = world;
    sweep(sweeping, this.#memory, { policy, nowMs, signal: invocation.signal }).then(
      () => invocation.end('answered'),
      () => invocation.end('failed'),
    );
  }
}

function describeRound(
  { repository }: Doubt,
  { plan, launches, next, rerun, problem = '' }: ReconcileReport,
): string {
  if (rerun !== undefined)
    return `lost job ${rerun.jobId} of run ${rerun.runId}: ${rerun.reason}, ${next.kind}`;
  const matched = plan?.matched.map(({ jobId }) => jobId);
  const waiting = plan?.waiting.map(({ jobId, reason }) => `${jobId} ${reason}`);
  const launched = launches.map(({ kind, runnerName }) => `${runnerName} ${kind}`);
  const end = next.kind === 'ended' ? ` ended ${next.reason}` : ` ${next.kind}`;
  return `reconciled ${repository.name}: ${problem}${end} matched ${matched}; waiting ${waiting}; launches ${launched}`;
}
