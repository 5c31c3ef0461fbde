import { createPrivateKey } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { DescribeClustersCommand } from '@aws-sdk/client-ecs';
import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { GetParametersCommand } from '@aws-sdk/client-ssm';
import type { Policy } from '../../functions/core/policy.ts';
import type { GitHubApp } from '../../functions/github/app.ts';
import { createGitHubApp } from '../../functions/github/app.ts';
import { listDeliveries } from '../../functions/github/deliveries.ts';
import type { Installation } from '../installation.ts';
import { createObserver } from '../observe/observer.ts';
import { countDoubts } from '../observe/queue-reader.ts';
import type { Snapshot } from '../observe/snapshot.ts';
import { readPolicy } from '../policy.ts';
import type { AppFact, Facts, InstallationFact, Read } from './facts.ts';

const HOUR_MS = 3_600_000;
const NAMES = ['app-id', 'private-key', 'webhook-secret'] as const;

async function tried<T>(read: () => Promise<T>): Promise<Read<T>> {
  try {
    return { kind: 'read', value: await read() };
  } catch (error) {
    return { kind: 'failed', problem: error instanceof Error ? error.message : String(error) };
  }
}

/** One look at everything. Each part fails on its own. */
export async function observe(place: Installation): Promise<Facts> {
  const nowMs = place.now();
  const observer = createObserver(place, {
    policy: () => readPolicy(),
    windowMs: HOUR_MS,
    pause: (ms) => pause(ms),
  });
  const [policy, stored, cluster, doubts, webhookAnswer, vcpuQuota, snapshot] = await Promise.all([
    tried(() => readPolicy()),
    tried(() => readStored(place)),
    tried(() => readCluster(place)),
    tried(() => countDoubts(place.sqs, place)),
    tried(() => askWebhook(place.webhookUrl)),
    tried(() => readQuota(place)),
    observer.look(),
  ]);
  const github = await observeGitHub(place, stored, policy, nowMs);
  return {
    ...{ nowMs, webhookUrl: place.webhookUrl, parameterPath: place.parameterPath },
    ...{ policy, cluster, doubts, webhookAnswer, vcpuQuota },
    parameters: stored.kind === 'read' ? { kind: 'read', value: new Set(stored.value.keys()) } : stored,
    ...github,
    sweep: { kind: 'read', value: lastSweep(snapshot) },
    ...ofSnapshot(snapshot),
  };
}

async function readStored({ ssm, parameterPath }: Installation): Promise<ReadonlyMap<string, string>> {
  const command = new GetParametersCommand({
    Names: NAMES.map((name) => `${parameterPath}/${name}`),
    WithDecryption: true,
  });
  const { Parameters = [] } = await ssm.send(command);
  return new Map(
    Parameters.flatMap(({ Name = '', Value = '' }) =>
      Value.trim() === '' ? [] : [[Name.slice(parameterPath.length + 1), Value.trim()] as const],
    ),
  );
}

type OfGitHub = Pick<Facts, 'privateKey' | 'app' | 'hook' | 'installations' | 'runnerGroup' | 'deliveries'>;

async function observeGitHub(
  { githubApiUrl }: Installation,
  stored: Read<ReadonlyMap<string, string>>,
  policy: Read<Policy>,
  nowMs: number,
): Promise<OfGitHub> {
  const privateKey = stored.kind === 'read' ? (stored.value.get('private-key') ?? '') : '';
  const isSound = isKey(privateKey);
  const appId = stored.kind === 'read' ? (stored.value.get('app-id') ?? '') : '';
  const app =
    isSound && appId !== '' ? createGitHubApp({ appId, privateKey, apiUrl: githubApiUrl }) : undefined;
  const ask = <T>(read: (app: GitHubApp) => Promise<T>): Promise<Read<T>> =>
    app === undefined
      ? Promise.resolve({ kind: 'failed', problem: 'no App to ask as' })
      : tried(() => read(app));
  const [self, hook, installations, deliveries] = await Promise.all([
    ask((as) => readApp(as, nowMs)),
    ask(readHook),
    ask(readInstallations),
    ask(async (as) =>
      (await listDeliveries(as, nowMs - HOUR_MS)).filter(({ event }) => event === 'workflow_job'),
    ),
  ]);
  const groups = installations.kind === 'read' ? installations.value : [];
  return {
    privateKey: privateKey === '' ? 'unknown' : isSound ? 'sound' : 'unreadable',
    ...{ app: self, hook, installations, deliveries },
    runnerGroup: await ask((as) => readRunnerGroup(as, groups, policy)),
  };
}

function isKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}

async function readApp(app: GitHubApp, nowMs: number): Promise<AppFact> {
  const { data, headers } = await app.asApp.request('GET /app');
  const {
    slug = '',
    owner,
    permissions,
    events,
  } = Object(data) as {
    slug?: string;
    owner?: { login?: string };
    permissions: Record<string, string>;
    events: string[];
  };
  const clockSkewMs = Date.parse(headers.date ?? '') - nowMs;
  return {
    ...{ slug, owner: owner?.login ?? '', permissions, events },
    clockSkewMs: Number.isNaN(clockSkewMs) ? 0 : clockSkewMs,
  };
}

async function readHook(app: GitHubApp) {
  const { data } = await app.asApp.request('GET /app/hook/config');
  return { url: data.url, contentType: data.content_type, hasSecret: data.secret !== undefined };
}

async function readInstallations(app: GitHubApp): Promise<InstallationFact[]> {
  const { data } = await app.asApp.request('GET /app/installations', { per_page: 100 });
  return Promise.all(
    data.map(async ({ id, account, suspended_at }) => {
      const login = Object(account).login as string;
      const ownerType = Object(account).type === 'User' ? 'User' : 'Organization';
      const isSuspended = suspended_at !== null && suspended_at !== undefined;
      const repositories = isSuspended
        ? []
        : await app.asInstallation({ owner: login, ownerType, installationId: id }, async (octokit) => {
            const answer = await octokit.request('GET /installation/repositories', { per_page: 100 });
            return answer.data.repositories.map(({ full_name }) => full_name);
          });
      return { account: login, isSuspended, repositories };
    }),
  );
}

async function readRunnerGroup(
  app: GitHubApp,
  installations: readonly InstallationFact[],
  policy: Read<Policy>,
): Promise<string> {
  if (policy.kind === 'failed' || policy.value.scope === 'repository')
    return 'runners register at repositories';
  const names: string[] = [];
  for (const { account, isSuspended } of installations) {
    if (isSuspended) continue;
    const who = { owner: account, ownerType: 'Organization', installationId: undefined } as const;
    const { data } = await app.asInstallation(who, (octokit) =>
      octokit.request('GET /orgs/{org}/actions/runner-groups/{runner_group_id}', {
        org: account,
        runner_group_id: policy.value.runnerGroupId,
      }),
    );
    names.push(`${data.name} of ${account}`);
  }
  return names.join(', ');
}

/** A request without a signature: what is at work refuses it. */
async function askWebhook(url: string) {
  const answer = await fetch(url, { method: 'POST', body: '{}', signal: AbortSignal.timeout(15_000) });
  const { message = '' } = Object(await answer.json().catch(() => ({}))) as { message?: string };
  return { status: answer.status, message };
}

async function readCluster({ ecs, clusterArn }: Installation) {
  const { clusters = [] } = await ecs.send(new DescribeClustersCommand({ clusters: [clusterArn] }));
  const [cluster] = clusters;
  if (cluster === undefined) throw new Error(`there is no cluster ${clusterArn}`);
  return { status: cluster.status ?? '', providers: cluster.capacityProviders ?? [] };
}

/** "Fargate On-Demand vCPU resource count" (docs.aws.amazon.com, AWS Fargate service quotas). */
const VCPU_QUOTA = { ServiceCode: 'fargate', QuotaCode: 'L-3032A538' };

async function readQuota({ isLocal, region }: Installation): Promise<number | undefined> {
  if (isLocal) return undefined;
  const { Quota } = await new ServiceQuotasClient({ region }).send(new GetServiceQuotaCommand(VCPU_QUOTA));
  return Quota?.Value;
}

function lastSweep({ sweptAtMs, faults }: Snapshot) {
  if (sweptAtMs === undefined) return undefined;
  const failed = faults.filter(({ service, atMs }) => service === 'sweep' && atMs >= sweptAtMs);
  return { lastAtMs: sweptAtMs, lastErrors: failed.map(({ message, detail }) => detail ?? message) };
}

function ofSnapshot({ jobs, tasks, faults }: Snapshot) {
  const failed = jobs.flatMap(({ launches }) =>
    launches.filter(({ outcome }) => outcome === 'refused' || outcome === 'unknown'),
  );
  const refusals = new Map(
    failed.map(({ outcome, refusal, detail = '' }) => [refusal ?? outcome, detail] as const),
  );
  const errors = faults
    .filter(({ service }) => service !== 'sweep')
    .map(({ service, message, detail }) => `${service}: ${message} ${detail ?? ''}`.trim());
  const waitingJobs = jobs.flatMap(({ jobId, phase, queuedAtMs }) =>
    phase === 'queued' && queuedAtMs !== undefined ? [{ jobId, queuedAtMs }] : [],
  );
  const endings = new Map<string, number>();
  for (const { ending } of tasks)
    if (ending !== undefined) endings.set(ending, (endings.get(ending) ?? 0) + 1);
  return {
    refusals,
    errors,
    waitingJobs,
    endings,
    stoppedReasons: tasks.flatMap(({ stoppedReason }) => stoppedReason ?? []),
  };
}
