import { app } from './app.ts';
import { arm64Builds, x64Builds } from './before/builds.ts';
import { guardduty } from './before/guardduty.ts';
import { addresses, vpcs } from './before/room.ts';
import { stackBefore } from './before/stack.ts';
import { dockerQuotaBefore, quotaBefore, spotQuota } from './before/vcpus.ts';
import { clock } from './clock.ts';
import { cluster } from './cluster.ts';
import { concurrency } from './concurrency.ts';
import { deliveries } from './deliveries.ts';
import { dockerCapacity, dockerQuota, dockerRole } from './docker.ts';
import { errors } from './errors.ts';
import { eventSource } from './event-source.ts';
import { events } from './events.ts';
import { functions } from './functions.ts';
import { hook } from './hook.ts';
import { identity } from './identity.ts';
import { image } from './image.ts';
import { installation } from './installation.ts';
import { jobs } from './jobs.ts';
import { launches } from './launches.ts';
import { network } from './network.ts';
import { parameterReads } from './parameter-reads.ts';
import { parameters } from './parameters.ts';
import { permissions } from './permissions.ts';
import { policy } from './policy.ts';
import { privateKey } from './private-key.ts';
import { queue } from './queue.ts';
import { quota } from './quota.ts';
import { renamed } from './renamed.ts';
import { repositories } from './repositories.ts';
import { roles } from './roles.ts';
import { runnerGroup } from './runner-group.ts';
import { runnerVersion } from './runner-version.ts';
import { runners } from './runners.ts';
import { secret } from './secret.ts';
import { stack } from './stack.ts';
import { sweep } from './sweep.ts';
import { tasks } from './tasks.ts';
import { webhook } from './webhook.ts';

/** Every link of the chain, causes before what they bring about: fix the first broken one first. */
export const LINKS = [
  // Who asks, and what is deployed.
  identity,
  stack,
  functions,
  // From runners.yml and the App's parameters to an installation that sees the repositories.
  policy,
  parameters,
  privateKey,
  clock,
  app,
  permissions,
  events,
  installation,
  renamed,
  repositories,
  runnerGroup,
  // From the App's webhook to deliveries that are answered.
  hook,
  webhook,
  secret,
  deliveries,
  // What a task is started with and where.
  cluster,
  dockerCapacity,
  dockerRole,
  image,
  runnerVersion,
  network,
  // What the account leaves room for, and what its roles may do.
  concurrency,
  quota,
  dockerQuota,
  parameterReads,
  roles,
  // What the last hour shows: launches, tasks, and the machinery that repairs.
  launches,
  tasks,
  runners,
  eventSource,
  sweep,
  queue,
  errors,
  jobs,
];

/** Those that are read in a call or two, and leave no trace: the links that send a delivery of their own do. */
export const QUICK_LINKS = [
  identity,
  stack,
  functions,
  policy,
  parameters,
  privateKey,
  clock,
  app,
  permissions,
  events,
  installation,
  hook,
  cluster,
  dockerCapacity,
  eventSource,
  queue,
];

/** Whether an account is ready for a deployment. Nothing is made by looking. */
export const BEFORE_LINKS = [
  identity,
  stackBefore,
  concurrency,
  quotaBefore,
  spotQuota,
  dockerQuotaBefore,
  vpcs,
  addresses,
  x64Builds,
  arm64Builds,
  guardduty,
];

/** All that the links look at, by name. */
export type Facts = (typeof LINKS)[number]['judge'] extends (seen: infer Seen) => unknown ? Seen : never;
