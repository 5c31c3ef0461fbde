import { type Cooling, createCooling } from '../../functions/core/cooling.ts';
import { readDoubt } from '../../functions/core/doubt.ts';
import type { TaskFact } from '../../functions/core/facts.ts';
import type { SweepMemory } from '../../functions/core/ports.ts';
import { reconcile } from '../../functions/reconcile/reconcile.ts';
import { sweep } from '../../functions/sweep/sweep.ts';
import { settle } from '../../functions/task-stopped/settle.ts';
import { receive } from '../../functions/webhook/receive.ts';
import { readDeployment } from '../../local/world/deployment.ts';
import { Invocation } from './invocation.ts';
import { createPorts, type Services } from './ports.ts';
import { MINUTE, PREFIX, SECOND } from './world.ts';

const DEPLOYED = readDeployment();
/** The functions' time limits as serverless.yml has them. */
const timeoutMsOf = (name: string): number =>
  (DEPLOYED.functions.find((definition) => definition.name === name)?.timeoutSeconds ?? 0) * SECOND;
/** As reconcile's handler: launching ends so long before the function's time does. */
const RESERVE_MS = 20 * SECOND;

const coldMemory = (): SweepMemory => ({
  looks: [],
  lastLookAtMs: 0,
  settledTaskArns: new Set(),
  lastDoubtOfBusyAtMs: 0,
  lastDoubtOfAllAtMs: 0,
});

/** The four functions as serverless.yml deploys them, on the models: timeouts, retries, warm instances. */
export class Deployment {
  readonly #services: Services;
  readonly #warm: Cooling[] = [];
  #memory = coldMemory();
  #isSweeping = false;
  isScheduled = true;

  constructor(services: Services) {
    this.#services = services;
    services.deliveries.receive = (body, answer) => this.#webhook(body, answer);
    services.queue.consume = (body, done) => this.#reconcile(body, done);
    services.ecs.onStopped = (task) => this.#taskStopped(task, 3);
    services.world.clock.after(services.world.random() * MINUTE, () => this.#schedule());
  }

  #webhook(body: string, answer: (status: number) => void): void {
    const { world } = this.#services;
    const cooling = this.#warm.pop() ?? createCooling();
    let status = 503;
    const times = { deadlineMs: 8 * SECOND, timeoutMs: timeoutMsOf('webhook') };
    const invocation = new Invocation(world, 'webhook', times, (ending) => {
      if (ending !== 'killed') this.#warm.push(cooling);
      answer(ending === 'answered' ? status : 502);
    });
    const { launching, marking } = createPorts(this.#services, invocation);
    const ports = {
      verifySignature: () => Promise.resolve(true),
      launching: () => Promise.resolve(launching),
      settling: () => Promise.resolve(marking),
    };
    const headers = { 'x-hub-signature-256': 'sha256=ok', 'x-github-event': 'workflow_job' };
    const { policy, nowMs } = world;
    const receiving = { policy, prefix: PREFIX, nowMs, signal: invocation.signal, cooling };
    receive({ headers, body, isBase64Encoded: false }, ports, receiving).then(
      (answered) => {
        status = answered.status;
        invocation.end('answered');
      },
      () => invocation.end('failed'),
    );
  }

  #reconcile(body: string, done: (isHandled: boolean) => void): void {
    const { world } = this.#services;
    const doubt = readDoubt(body);
    if (doubt === undefined) throw new Error(`not a doubt: ${body}`);
    world.counts.reconciles += 1;
    const timeoutMs = timeoutMsOf('reconcile');
    const times = { deadlineMs: timeoutMs - RESERVE_MS, timeoutMs };
    const invocation = new Invocation(world, 'reconcile', times, (ending) => done(ending === 'answered'));
    const { reconciling } = createPorts(this.#services, invocation);
    const { policy } = world;
    const options = { policy, prefix: PREFIX, signal: invocation.signal };
    reconcile(doubt, reconciling, options).then(
      ({ plan, launches, problem }) => {
        world.tell(
          () =>
            `reconciled ${doubt.repository.name}: ${problem ?? ''} matched ${plan?.matched.map(({ jobId }) => jobId)}; waiting ${plan?.waiting.map(({ jobId, reason }) => `${jobId} ${reason}`)}; launches ${launches.map(({ kind, runnerName }) => `${runnerName} ${kind}`)}`,
        );
        invocation.end('answered');
      },
      () => invocation.end('failed'),
    );
  }

  /** An asynchronous invocation: tried again after one and two minutes. */
  #taskStopped(task: TaskFact, attempts: number): void {
    const { world } = this.#services;
    const again = () => {
      if (attempts > 1)
        world.clock.after((4 - attempts) * MINUTE, () => this.#taskStopped(task, attempts - 1));
    };
    const timeoutMs = timeoutMsOf('taskStopped');
    const times = { deadlineMs: timeoutMs, timeoutMs };
    const invocation = new Invocation(world, 'taskStopped', times, (ending) => {
      if (ending !== 'answered') again();
    });
    const { settling } = createPorts(this.#services, invocation);
    settle(task, settling).then(
      ({ errors }) => invocation.end(errors.length > 0 ? 'failed' : 'answered'),
      () => invocation.end('failed'),
    );
  }

  #schedule(): void {
    const { world } = this.#services;
    if (!this.isScheduled) return;
    world.clock.after(MINUTE, () => this.#schedule());
    if (this.#isSweeping || world.isDuring('sweepDown')) return;
    this.#isSweeping = true;
    const timeoutMs = timeoutMsOf('sweep');
    const times = { deadlineMs: timeoutMs, timeoutMs };
    const invocation = new Invocation(world, 'sweep', times, (ending) => {
      this.#isSweeping = false;
      if (ending === 'killed') this.#memory = coldMemory();
    });
    const { sweeping } = createPorts(this.#services, invocation);
    sweep(sweeping, this.#memory, world.policy, world.nowMs).then(
      () => invocation.end('answered'),
      () => invocation.end('failed'),
    );
  }
}
