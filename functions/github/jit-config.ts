import { type Account, partsOf } from '../core/job/repository.ts';
import type { JitConfigRequest } from '../core/ports.ts';
import type { JitConfigOutcome, Refusal, Unknown } from '../core/words/outcomes.ts';
import type { GitHubApp } from './app.ts';
import { classifyGitHubError, hasStatus } from './errors.ts';
import { CREATE_JIT_CONFIG } from './faults.ts';
import { findGroupId, forgetGroup, isGroupKept } from './runner-groups.ts';

/**
 * Registers a runner and gets its JIT config. One call, no retry: a second one could not tell its own first from
 * another launch's. Source: docs.github.com, Create configuration for a just-in-time runner.
 * A runner group that is given by name takes one call more in a new process, which asks for its id. Where GitHub refuses an
 * id that was kept, the name is asked for once more: nothing was registered by a call that was refused.
 */
export async function createJitConfig(
  app: GitHubApp,
  request: JitConfigRequest,
  signal: AbortSignal,
): Promise<JitConfigOutcome> {
  const { account, runnerGroup: name } = request;
  if (typeof name === 'number') return registerIn(name, app, request, signal);
  const isKept = isGroupKept(app, account, name);
  const id = await resolve(name, app, account, signal);
  if (typeof id !== 'number') return id;
  const outcome = await registerIn(id, app, request, signal);
  if (!isKept || !mayBeGroup(outcome)) return outcome;
  forgetGroup(app, account, name);
  const idNow = await resolve(name, app, account, signal);
  if (typeof idNow !== 'number') return idNow;
  return idNow === id ? outcome : registerIn(idNow, app, request, signal);
}

/** Whether a call was refused as it is where its group is gone. */
const mayBeGroup = (outcome: JitConfigOutcome): boolean =>
  outcome.kind === 'refused' && (outcome.refusal === 'not-found' || outcome.refusal === 'invalid-request');

/** The id of the group. One that is not there is refused as GitHub refuses an unknown id, and as firmly: nothing was sent. */
async function resolve(
  name: string,
  app: GitHubApp,
  account: Account,
  signal: AbortSignal,
): Promise<number | Refusal | Unknown> {
  try {
    const id = await findGroupId(app, account, name, signal);
    const detail = `the organization ${account.owner} has no runner group named ${name}`;
    return id ?? { kind: 'refused', refusal: 'not-found', fault: 'runner-group', detail };
  } catch (error) {
    return classifyGitHubError('list runner groups', error, Date.now());
  }
}

async function registerIn(
  groupId: number,
  app: GitHubApp,
  request: JitConfigRequest,
  signal: AbortSignal,
): Promise<JitConfigOutcome> {
  try {
    const at = partsOf(request.scope);
    const runner = {
      name: request.runnerName,
      runner_group_id: groupId,
      labels: [...request.labels],
      work_folder: '_work',
      request: { signal },
    };
    const { data } = await app.asInstallation(request.account, async ({ rest: { actions } }) =>
      'org' in at
        ? actions.generateRunnerJitconfigForOrg({ ...at, ...runner })
        : actions.generateRunnerJitconfigForRepo({ ...at, ...runner }),
    );
    return { kind: 'created', runnerId: data.runner.id, encodedJitConfig: data.encoded_jit_config };
  } catch (error) {
    return hasStatus(error, 409)
      ? { kind: 'taken' }
      : classifyGitHubError(CREATE_JIT_CONFIG, error, Date.now());
  }
}
