import { endsSoon } from '../../functions/core/task/runner-version.ts';
import { type Check, fail, judged, ok, type Verdict, warn } from './checks.ts';
import type { NetworkFact, RunnerVersionFact } from './facts.ts';

const DAY_MS = 86_400_000;
/** A deployment with a newer image takes minutes; a week's warning is enough, and two are friendlier. */

/** What a task is started with and where. */
export const LAUNCH_CHECKS: readonly Check[] = [
  {
    id: 'cluster',
    title: 'the cluster is there',
    tries: 'ecs:DescribeClusters',
    needs: ['stack'],
    judge: ({ cluster }) =>
      judged(cluster, 'deploy again', ({ status, providers }) => {
        if (status !== 'ACTIVE') return fail(`it is ${status}`, 'deploy again');
        const missing = ['FARGATE', 'FARGATE_SPOT'].filter((name) => !providers.includes(name));
        return missing.length === 0
          ? ok(providers.join(', '))
          : fail(
              `it has no ${missing.join(' and no ')}`,
              'a removal was broken off, or somebody took it away: deploy again',
            );
      }),
  },
  {
    id: 'image',
    title: 'the image is in its registry',
    tries: 'ecs:DescribeTaskDefinition, and its registry for the manifest',
    needs: ['cluster'],
    judge: ({ images }) =>
      judged(images, 'deploy again', (all) => {
        const gone = all.filter(({ isThere }) => isThere === false).map(({ name }) => name);
        if (gone.length > 0)
          return fail(
            `not there: ${gone.join(', ')}`,
            'set the parameter image to one that is, and deploy again',
          );
        const unknown = all.some(({ isThere }) => isThere === undefined);
        return ok(
          `${all.map(({ name }) => name).join(', ')}${unknown ? ' (not shown by its registry: it may want imageCredentials)' : ''}`,
        );
      }),
  },
  {
    id: 'runner-version',
    title: 'GitHub takes the runner’s version',
    tries: 'GET .../actions/runners/deprecations/{version}, by the image’s tag or what the pipeline built',
    needs: ['image', 'app'],
    judge: ({ runnerVersion, nowMs }) =>
      judged(runnerVersion, 'is GitHub up (githubstatus.com)?', (fact) => judgeVersion(fact, nowMs)),
  },
  {
    id: 'network',
    title: 'tasks have a way out',
    tries: 'ec2:DescribeSubnets, DescribeRouteTables and DescribeSecurityGroups',
    needs: ['stack'],
    judge: ({ network }) => judged(network, 'deploy again', judgeNetwork),
  },
];

function judgeVersion({ version, endsAtMs }: RunnerVersionFact, nowMs: number): Verdict {
  if (version === undefined) return ok('not told by the image’s tag, nor built by the pipeline');
  if (endsAtMs === undefined || !endsSoon(endsAtMs, nowMs)) return ok(version);
  const fix = 'deploy with a newer image (parameter image; releases: github.com/actions/runner/releases)';
  if (endsAtMs <= nowMs) return fail(`${version} is deprecated: it gets no jobs`, fix);
  return warn(`${version} gets jobs for ${Math.ceil((endsAtMs - nowMs) / DAY_MS)} days more`, fix);
}

function judgeNetwork(network: NetworkFact): Verdict {
  const { subnets, assignsPublicIp, areFunctionsInside, hasProxy, closedGroups } = network;
  const those = (way: NetworkFact['subnets'][number]['wayOut']) =>
    subnets.filter(({ wayOut }) => wayOut === way).map(({ subnetId }) => subnetId);
  if (those('missing').length > 0)
    return fail(`gone: ${those('missing').join(', ')}`, 'name subnets that are there, and deploy again');
  // By a proxy GitHub is reached; what Fargate calls, and KMS, by endpoints that may be anyone's.
  if (those('none').length > 0 && !hasProxy)
    return fail(
      `no way to the internet from ${those('none').join(', ')}`,
      'a task must reach GitHub and its image: a route to a NAT gateway, or an internet gateway and assignPublicIp',
    );
  const open = those('internet-gateway');
  if (open.length > 0 && areFunctionsInside)
    return fail(
      `${open.join(', ')}: out by an internet gateway, and a function there gets no public address`,
      'name subnets whose way out is NAT, or set functionsInVpc to disabled, and deploy again',
    );
  if (open.length > 0 && !assignsPublicIp)
    return fail(
      `${open.join(', ')}: out by an internet gateway, and tasks get no public address`,
      'set assignPublicIp to ENABLED (network existing), or route through NAT, and deploy again',
    );
  if (those('nat').length > 0 && assignsPublicIp)
    return warn(
      'a public address for each task, out by NAT',
      'set assignPublicIp to DISABLED: it is paid for nothing',
    );
  return closedGroups.length === 0
    ? ok(subnets.map(({ subnetId, wayOut }) => `${subnetId} by ${wayOut}`).join(', '))
    : fail(
        `no HTTPS out through ${closedGroups.join(', ')}`,
        'allow port 443 outwards in the security group',
      );
}
