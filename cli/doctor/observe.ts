import { setTimeout as pause } from 'node:timers/promises';
import { DescribeClustersCommand } from '@aws-sdk/client-ecs';
import type { Deployment } from '../deployment.ts';
import { createObserver } from '../observe/observer.ts';
import { countDoubts } from '../observe/queue-reader.ts';
import { readPolicy } from '../policy.ts';
import type { Facts, LaunchFacts } from './facts.ts';
import { observeAccount } from './observe-account.ts';
import { type ObservedApp, observeApp } from './observe-app.ts';
import { askRegistries, readImageNames, readRunnerVersion } from './observe-image.ts';
import { readNetwork } from './observe-network.ts';
import { recordFacts } from './observe-records.ts';
import { observeWebhook } from './observe-webhook.ts';
import { looked, tried } from './read.ts';

const HOUR_MS = 3_600_000;

/** One look at everything. Each part fails on its own. */
export async function observe(deployment: Deployment): Promise<Facts> {
  const nowMs = deployment.now();
  const observer = createObserver(deployment, {
    policy: () => readPolicy(),
    windowMs: HOUR_MS,
    pause: (ms) => pause(ms),
  });
  const [account, observed, snapshot, doubts] = await Promise.all([
    observeAccount(deployment),
    observeApp(deployment),
    observer.look(),
    tried(() => countDoubts(deployment.sqs, deployment)),
  ]);
  const [webhook, launch] = await Promise.all([
    observeWebhook(deployment.webhookUrl, observed.stored, observed.app, nowMs),
    observeLaunch(deployment, observed),
  ]);
  return { nowMs, ...account, ...observed.facts, ...webhook, ...launch, doubts, ...recordFacts(snapshot) };
}

async function observeLaunch(deployment: Deployment, { facts, app }: ObservedApp): Promise<LaunchFacts> {
  const [cluster, names, network] = await Promise.all([
    tried(() => readCluster(deployment)),
    looked('ecs:DescribeTaskDefinition', () => readImageNames(deployment, hasArm64(facts.policy))),
    looked('lambda:GetFunctionConfiguration, ec2:DescribeSubnets, RouteTables and SecurityGroups', () =>
      readNetwork(deployment),
    ),
  ]);
  if (names.kind !== 'read') return { cluster, images: names, runnerVersion: names, network };
  const installations = facts.installations.kind === 'read' ? facts.installations.value : [];
  const [images, runnerVersion] = await Promise.all([
    looked('the registry', () => askRegistries(names.value, deployment.isLocal)),
    looked('actions: read to the App', async () => {
      if (app === undefined) throw new Error('no App to ask as');
      return readRunnerVersion(deployment, app, names.value, installations);
    }),
  ]);
  return { cluster, images, runnerVersion, network };
}

/** As far as the policy can be read; it is deployed with the stack. */
const hasArm64 = (policy: ObservedApp['facts']['policy']): boolean =>
  policy.kind !== 'read' || policy.value.limits.arm64;

async function readCluster({ ecs, clusterArn }: Deployment) {
  const { clusters = [] } = await ecs.send(new DescribeClustersCommand({ clusters: [clusterArn] }));
  const [cluster] = clusters;
  if (cluster === undefined) throw new Error(`there is no cluster ${clusterArn}`);
  return { status: cluster.status ?? '', providers: cluster.capacityProviders ?? [] };
}
