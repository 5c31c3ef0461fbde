import { runnerName } from '../core/job/identity.ts';
import { PROVIDERS } from '../core/job/providers.ts';
import { accountOf } from '../core/job/repository.ts';
import type { Launch } from '../core/plan/decide-launch.ts';
import type { JitConfigRequest, LaunchPorts, RunTaskRequest } from '../core/ports.ts';
import { describeError } from '../core/words/errors.ts';
import type { JitConfigOutcome, LaunchOutcome, LaunchStep, RunTaskOutcome } from '../core/words/outcomes.ts';

/** A random delay, different for each throttled call, after which ECS's bucket of 20 calls a second may have room. */
const THROTTLED_MS = { least: 400, most: 3_500 };
/** Throttles of one launch: with each delay at its longest they fit into a delivery's time. */
const MOST_THROTTLES = 4;

interface Patience {
  readonly signal: AbortSignal;
  readonly mostThrottles: number;
}

/**
 * Launch(job, generation): JIT config, seal, RunTask, under one name (rule 3; asked again as ADR 14 and 24 say). Resolves with
 * what came of it; a firm refusal leaves no registration behind, an unknown outcome leaves it alone (rule 7).
 * Never rejects: what throws is our own fault, and must not lose the job. Only the webhook and reconcile call it (rule 11).
 */
export async function launch(
  plan: Launch,
  generation: number,
  prefix: string,
  ports: LaunchPorts | Promise<LaunchPorts>,
  signal: AbortSignal,
  mostThrottles: number = MOST_THROTTLES,
): Promise<LaunchOutcome> {
  const identity = { repositoryId: plan.repository.id, jobId: plan.jobId, generation };
  const name = (isFallback: boolean) => runnerName(prefix, { ...identity, isFallback });
  try {
    return await launchOrFallBack(plan, name, await ports, { signal, mostThrottles });
  } catch (error) {
    return { kind: 'unknown', detail: describeError(error), step: 'jit-config', runnerName: name(false) };
  }
}

/** Only a firm capacity refusal is followed by a second launch, at the provider's fallback and under a name of its own (rule 6). */
async function launchOrFallBack(
  plan: Launch,
  name: (isFallback: boolean) => string,
  ports: LaunchPorts,
  patience: Patience,
): Promise<LaunchOutcome> {
  const outcome = await launchOnce(plan, name(false), ports, patience);
  const provider = PROVIDERS[plan.given.provider].fallback;
  const hasNoCapacity = outcome.kind === 'refused' && outcome.refusal === 'no-capacity';
  if (!hasNoCapacity || provider === undefined) return outcome;
  const elsewhere = { ...plan, given: { ...plan.given, provider } };
  const fallback = await launchOnce(elsewhere, name(true), ports, patience);
  return fallback.kind === 'launched' ? { ...fallback, fellBack: true } : fallback;
}

async function launchOnce(
  plan: Launch,
  name: string,
  ports: LaunchPorts,
  patience: Patience,
): Promise<LaunchOutcome> {
  const { signal } = patience;
  const { scope, runnerGroup, labels, repository } = plan;
  const account = accountOf(repository);
  const ended = <Outcome>(step: LaunchStep, outcome: Outcome) => ({ ...outcome, step, runnerName: name });

  const request = { account, scope, runnerName: name, runnerGroup, labels };
  const jit = await configure(request, ports, signal);
  if (jit.kind !== 'created') return ended('jit-config', jit);
  const { runnerId } = jit;
  // The refusal is what is reported; a registration that could not be removed is an orphan for the sweep.
  const removeOwn = () => ports.removeRunner(account, scope, runnerId, signal).catch(() => undefined);

  const seal = await ports.seal(jit.encodedJitConfig, name, signal);
  if (seal.kind !== 'sealed') {
    // Without a sealed config no task can exist, so even an unknown seal leaves nothing that could use the runner.
    await removeOwn();
    return ended('seal', seal);
  }

  const { sealedConfig } = seal;
  const run = await runPatiently({ launch: plan, runnerName: name, runnerId, sealedConfig }, ports, patience);
  if (run.kind === 'started')
    return { kind: 'launched', runnerName: name, runnerId, taskArn: run.taskArn, fellBack: false };
  if (run.kind !== 'unknown') await removeOwn();
  return ended('run-task', run);
}

/**
 * An answer that was lost is asked for once more, under the same name: had the first call registered the runner, GitHub
 * refuses the second (409), and nobody has that runner's config (ADR 24).
 */
async function configure(
  request: JitConfigRequest,
  ports: LaunchPorts,
  signal: AbortSignal,
): Promise<JitConfigOutcome> {
  const jit = await ports.createJitConfig(request, signal);
  if (jit.kind !== 'unknown' || signal.aborted) return jit;
  const again = await ports.createJitConfig(request, signal);
  // After a lost answer a refusal is not firm (rule 5).
  return again.kind === 'refused' ? jit : again;
}

/**
 * A throttle is over in seconds, and giving up would cost one of GitHub's 180 JIT configs of a minute; an answer that was
 * lost is asked for once more. It is the same request with the same client token each time: had an earlier call started a
 * task, ECS would answer with that one, so a start is believed, and a refusal only where no answer was lost (ADR 14, 24).
 */
async function runPatiently(
  request: RunTaskRequest,
  ports: LaunchPorts,
  { signal, mostThrottles }: Patience,
): Promise<RunTaskOutcome> {
  let run = await ports.runTask(request, signal);
  for (let throttles = 0; isThrottled(run) && throttles < mostThrottles; throttles++) {
    const { least, most } = THROTTLED_MS;
    await ports.pause(least + ports.random() * (most - least), signal);
    if (signal.aborted) return run;
    run = await ports.runTask(request, signal);
  }
  if (run.kind !== 'unknown' || signal.aborted) return run;
  const again = await ports.runTask(request, signal);
  return again.kind === 'started' ? again : run;
}

const isThrottled = (run: RunTaskOutcome): boolean => run.kind === 'refused' && run.refusal === 'throttled';
