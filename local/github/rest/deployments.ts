/** Deployments, which GitHub makes for jobs that name an environment, once they begin. */
import { notFound } from '../api-error.ts';
import { deploymentBody, deploymentStatusBody } from '../payloads/deployments.ts';
import type { JobRecord } from '../records.ts';
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

/** Newest first. */
function deployedIn(request: ApiRequest, { actions }: RestContext): JobRecord[] {
  const { repository } = scopeOf(request);
  const isDeployed = ({ environment, startedAtMs, repositoryId }: JobRecord) =>
    environment !== null && startedAtMs !== null && repositoryId === repository?.id;
  return actions.jobs.all().filter(isDeployed).reverse();
}

const listDeployments: Handler = (request, context) => {
  const page = pageOf(context.apiUrl(), request, deployedIn(request, context));
  return ok(
    page.items.map((job) => deploymentBody(context.apiUrl(), job)),
    page.headers,
  );
};

const listStatuses: Handler = (request, context) => {
  const id = idOf(request, 'deployment_id');
  const job = deployedIn(request, context).find((one) => one.id === id);
  if (job === undefined) throw notFound();
  return ok([deploymentStatusBody(context.apiUrl(), job)]);
};

export const deploymentHandlers: Handlers = {
  'repos/list-deployments': listDeployments,
  'repos/list-deployment-statuses': listStatuses,
};
