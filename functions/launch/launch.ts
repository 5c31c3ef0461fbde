import { accountOf } from '../core/account.ts';
import type { Launch } from '../core/decide-launch.ts';
import { runnerName } from '../core/identity.ts';
import type { LaunchOutcome, LaunchStep, RunTaskOutcome } from '../core/outcomes.ts';
import type { Account, LaunchPorts, RunTaskRequest } from '../core/ports.ts';

/**
 * Launch(job, generation): JIT config, seal, RunTask, once (rule 3). Never waits, never retries. Resolves with
 * what came of it; a firm refusal leaves no registration behind, an unknown outcome leaves it alone (rule 7).
 */
export async function launch(
  plan: Launch,
  generation: number,
  prefix: string,
  ports: LaunchPorts,
  signal: AbortSignal,
): Promise<LaunchOutcome> {
  const { scope, runnerGroupId, labels, repository, jobId } = plan;
  const name = runnerName(prefix, { repositoryId: repository.id, jobId, generation });
  const account = accountOf({ ...repository, installationId: plan.installationId });
  const ended = <Outcome>(step: LaunchStep, outcome: Outcome) => ({ ...outcome, step, runnerName: name });

  const jit = await ports.createJitConfig(
    { account, scope, runnerName: name, runnerGroupId, labels },
    signal,
  );
  if (jit.kind !== 'created') return ended('jit-config', jit);
  const { runnerId } = jit;

  const seal = await ports.seal(jit.encodedJitConfig, name, signal);
  if (seal.kind !== 'sealed') {
    // Without a sealed config no task can exist, so even an unknown seal leaves nothing that could use the runner.
    await removeQuietly(ports, account, scope, runnerId);
    return ended('seal', seal);
  }

  const request = { launch: plan, runnerName: name, runnerId, sealedConfig: seal.sealedConfig };
  const { outcome: run, fellBack } = await runTask(request, ports, signal);
  if (run.kind === 'started')
    return { kind: 'launched', runnerName: name, runnerId, taskArn: run.taskArn, fellBack };
  if (run.kind !== 'unknown') await removeQuietly(ports, account, scope, runnerId);
  return ended('run-task', run);
}

/** Only a firm capacity refusal falls back from Spot to on-demand, with a token of its own (rule 6). */
async function runTask(
  request: Omit<RunTaskRequest, 'size' | 'clientToken'>,
  ports: LaunchPorts,
  signal: AbortSignal,
): Promise<{ outcome: RunTaskOutcome; fellBack: boolean }> {
  const size = request.launch.given;
  const outcome = await ports.runTask({ ...request, size, clientToken: request.runnerName }, signal);
  const noSpot = size.spot && outcome.kind === 'refused' && outcome.refusal === 'no-capacity';
  if (!noSpot) return { outcome, fellBack: false };
  const onDemand = { ...request, size: { ...size, spot: false }, clientToken: `${request.runnerName}-od` };
  return { outcome: await ports.runTask(onDemand, signal), fellBack: true };
}

/** The refusal is what is reported; a registration that could not be removed is an orphan for the sweep. */
async function removeQuietly(
  ports: LaunchPorts,
  account: Account,
  scope: Launch['scope'],
  runnerId: number,
): Promise<void> {
  await ports.removeRunner(account, scope, runnerId).catch(() => undefined);
}
