/** Self-hosted runners, at an organisation or at a repository. */
import { isSaidBusy } from '../../../model/github/job.ts';
import { ApiError, notFound } from '../api-error.ts';
import { encodeJitConfig } from '../jit-config.ts';
import { runnerBody } from '../payloads/actions.ts';
import { repositoryBody } from '../payloads/repositories.ts';
import { groupOf, groupsOf, type RunnerRecord, type Scope, scopeKey, scopeName } from '../records.ts';
import type { RunnerGroup } from '../types.ts';
import {
  type ApiRequest,
  type Handler,
  type Handlers,
  idOf,
  ok,
  type RestContext,
  scopeOf,
} from './context.ts';
import { pageOf } from './paging.ts';

const NAME_LENGTH = 64;
const LABEL_LENGTH = 256;

/** What the description cannot say: it bounds the labels, not the texts. */
function validated({ body }: ApiRequest) {
  const { name, labels } = body;
  if (typeof name !== 'string' || name === '' || name.length > NAME_LENGTH) {
    throw new ApiError(422, `Validation Failed: name must have 1 to ${NAME_LENGTH} characters`);
  }
  const texts = Array.isArray(labels) ? labels.map(String) : [];
  if (texts.some((label) => label.trim() === '' || label.length > LABEL_LENGTH)) {
    throw new ApiError(422, 'Validation Failed: labels must not be empty or too long');
  }
  return { name, labels: texts, workFolder: String(body['work_folder'] ?? '_work') };
}

/** The runner group: a repository has only the default one. */
function groupFor({ body }: ApiRequest, { installation, repository }: Scope): RunnerGroup {
  const id = Number(body['runner_group_id']);
  if (repository !== null && id !== 1) throw new ApiError(403, 'Resource not accessible by integration');
  const group = groupOf(installation, id);
  if (group === undefined) throw notFound();
  return group;
}

const createJitConfig: Handler = async (request, context) => {
  const scope = scopeOf(request);
  const { name, labels, workFolder } = validated(request);
  const group = groupFor(request, scope);
  const key = await context.keys.take();
  const runner = context.actions.register({ scope, name, group, labels, publicKey: key.publicKey });
  const encoded = encodeJitConfig({
    runnerId: runner.id,
    runnerName: name,
    clientId: runner.clientId,
    key,
    workFolder,
    serverUrl: context.brokerUrl(),
    gitHubUrl: `https://github.com/${scopeName(scope)}`,
  });
  return { status: 201, body: { runner: runnerBody(runner, false), encoded_jit_config: encoded } };
};

const toldBusy = (runner: RunnerRecord, { faults }: RestContext): boolean =>
  isSaidBusy(runner, () => faults.strikes('lying-busy'));

const show = (runner: RunnerRecord, context: RestContext) => runnerBody(runner, toldBusy(runner, context));

const list: Handler = (request, context) => {
  const name = request.query.get('name');
  const inScope = context.actions.runners.inScope(scopeOf(request));
  const named = inScope.filter((runner) => name === null || runner.name === name);
  const page = pageOf(context.apiUrl(), request, named);
  const runners = page.items.map((runner) => show(runner, context));
  return ok({ total_count: named.length, runners }, page.headers);
};

function found(request: ApiRequest, context: RestContext): RunnerRecord {
  const runner = context.actions.runners.get(idOf(request, 'runner_id'));
  if (runner === undefined || scopeKey(runner.scope) !== scopeKey(scopeOf(request))) throw notFound();
  return runner;
}

const remove: Handler = (request, context) => {
  const runner = found(request, context);
  if (toldBusy(runner, context)) {
    const message = `Bad request - Runner "${runner.name}" is currently running a job and cannot be deleted.`;
    throw new ApiError(422, message);
  }
  context.actions.remove(runner, 'deleted');
  return { status: 204, body: null };
};

const deprecation: Handler = (request, context) => {
  scopeOf(request);
  const at = context.deprecated() ? context.clock.nowIso() : null;
  return ok({ version: request.params['version'], runtime_deprecates_at: at });
};

const get: Handler = (request, context) => ok(show(found(request, context), context));

const showGroup: Handler = (request, context) => {
  const { installation } = scopeOf(request);
  const group = groupOf(installation, idOf(request, 'runner_group_id'));
  if (group === undefined) throw notFound();
  return ok(groupBody(group, installation.owner.login, context));
};

const listGroups: Handler = (request, context) => {
  const { installation } = scopeOf(request);
  const all = groupsOf(installation);
  const page = pageOf(context.apiUrl(), request, all);
  const groups = page.items.map((group) => groupBody(group, installation.owner.login, context));
  return ok({ total_count: all.length, runner_groups: groups }, page.headers);
};

function groupBody(group: RunnerGroup, organization: string, context: RestContext) {
  const url = `${context.apiUrl()}/orgs/${organization}/actions/runner-groups/${group.id}`;
  return {
    id: group.id,
    name: group.name,
    default: group.id === 1,
    inherited: false,
    visibility: group.repositories === undefined ? 'all' : 'selected',
    runners_url: `${url}/runners`,
    allows_public_repositories: false,
    restricted_to_workflows: false,
    selected_workflows: [],
    workflow_restrictions_read_only: false,
  };
}

const listGroupRepositories: Handler = (request, context) => {
  const { installation } = scopeOf(request);
  const group = groupOf(installation, idOf(request, 'runner_group_id'));
  if (group === undefined) throw notFound();
  const open = installation.repositories.filter(({ name }) => group.repositories?.includes(name) ?? true);
  const page = pageOf(context.apiUrl(), request, open);
  const repositories = page.items.map((item) => repositoryBody(context.apiUrl(), installation.owner, item));
  return ok({ total_count: open.length, repositories }, page.headers);
};

export const runnerHandlers: Handlers = {
  'actions/generate-runner-jitconfig-for-org': createJitConfig,
  'actions/generate-runner-jitconfig-for-repo': createJitConfig,
  'actions/list-self-hosted-runners-for-org': list,
  'actions/list-self-hosted-runners-for-repo': list,
  'actions/get-self-hosted-runner-for-org': get,
  'actions/get-self-hosted-runner-for-repo': get,
  'actions/delete-self-hosted-runner-from-org': remove,
  'actions/delete-self-hosted-runner-from-repo': remove,
  'actions/get-self-hosted-runner-group-for-org': showGroup,
  'actions/list-self-hosted-runner-groups-for-org': listGroups,
  'actions/list-repo-access-to-self-hosted-runner-group-in-org': listGroupRepositories,
  'actions/get-runner-deprecation-for-org': deprecation,
  'actions/get-runner-deprecation-for-repo': deprecation,
};
