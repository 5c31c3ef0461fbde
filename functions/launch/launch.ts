import { accountOf } from '../core/account.ts';
import type { Launch } from '../core/decide-launch.ts';
import { describeError } from '../core/errors.ts';
import { runnerName } from '../core/identity.ts';
import type { LaunchOutcome, LaunchStep, RunTaskOutcome } from '../core/outcomes.ts';
import type { LaunchPorts, RunTaskRequest } from '../core/ports.ts';

/** A moment, other for each of those whom ECS refused at once, after which its bucket of 20 calls a second has room again. */
const THROTTLED_MS = { least: 500, most: 4_500 };

/**
 * Launch(job, generation): JIT config, seal, RunTask, once (rule 3; a throttled RunTask once more, ADR 14). Resolves with
 * what came of it; a firm refusal leaves no registration behind, an unknown outcome leaves it alone (rule 7).
 * Never rejects: what throws is a fault of ours, and no reason to lose the job.
 */
export async function launch(
  plan: Launch,
  generation: number,
  prefix: string,
  ports: LaunchPorts | Promise<LaunchPorts>,
  signal: AbortSignal,
): Promise<LaunchOutcome> {
  const identity = { repositoryId: plan.repository.id, jobId: plan.jobId, generation };
  const name = (isFallback: boolean) => runnerName(prefix, { ...identity, isFallback });
  try {
    return await launchOrFallBack(plan, name, await ports, signal);
  } catch (error) {
    return { kind: 'unknown', detail: describeError(error), step: 'jit-config', runnerName: name(false) };
  }
}

/** Only a firm capacity refusal of Spot is followed by a second launch, on-demand and under a name of its own (rule 6). */
async function launchOrFallBack(
  plan: Launch,
  name: (isFallback: boolean) => string,
  ports: LaunchPorts,
  signal: AbortSignal,
): Promise<LaunchOutcome> {
  const outcome = await launchOnce(plan, name(false), ports, signal);
  const hasNoSpot = plan.given.spot && outcome.kind === 'refused' && outcome.refusal === 'no-capacity';
  if (!hasNoSpot) return outcome;
  const onDemand = { ...plan, given: { ...plan.given, spot: false } };
  const fallback = await launchOnce(onDemand, name(true), ports, signal);
  return fallback.kind === 'launched' ? { ...fallback, fellBack: true } : fallback;
}

async function launchOnce(
  plan: Launch,
  name: string,
  ports: LaunchPorts,
  signal: AbortSignal,
): Promise<LaunchOutcome> {
  const { scope, runnerGroupId, labels, repository, installationId } = plan;
  const account = accountOf({ ...repository, installationId });
  const ended = <Outcome>(step: LaunchStep, outcome: Outcome) => ({ ...outcome, step, runnerName: name });

  const request = { account, scope, runnerName: name, runnerGroupId, labels };
  const jit = await ports.createJitConfig(request, signal);
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
  const run = await runPatiently({ launch: plan, runnerName: name, runnerId, sealedConfig }, ports, signal);
  if (run.kind === 'started')
    return { kind: 'launched', runnerName: name, runnerId, taskArn: run.taskArn, fellBack: false };
  if (run.kind !== 'unknown') await removeOwn();
  return ended('run-task', run);
}

/**
 * A throttle is over in seconds, and what it would cost is one of GitHub's 180 JIT configs of a minute. The same request
 * and client token: had the first call started a task all the same, ECS would answer with that one (ADR 14).
 */
async function runPatiently(
  request: RunTaskRequest,
  ports: LaunchPorts,
  signal: AbortSignal,
): Promise<RunTaskOutcome> {
  const run = await ports.runTask(request, signal);
  if (run.kind !== 'refused' || run.refusal !== 'throttled') return run;
  const { least, most } = THROTTLED_MS;
  await ports.pause(least + ports.random() * (most - least), signal);
  return signal.aborted ? run : ports.runTask(request, signal);
}
