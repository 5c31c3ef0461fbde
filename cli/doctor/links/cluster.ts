import { DescribeClustersCommand } from '@aws-sdk/client-ecs';
import { CLUSTER_PROVIDERS } from '../../../functions/core/job/providers.ts';
import { fail, judged, link, ok, tried } from '../link.ts';

const CLUSTER = tried(async ({ ecs, clusterArn }) => {
  const { clusters = [] } = await ecs.send(new DescribeClustersCommand({ clusters: [clusterArn] }));
  const [found] = clusters;
  if (found === undefined) throw new Error(`there is no cluster ${clusterArn}`);
  return { status: found.status ?? '', providers: found.capacityProviders ?? [] };
});

export const cluster = link({
  id: 'cluster',
  title: 'the cluster exists',
  tries: 'ecs:DescribeClusters',
  needs: ['stack'],
  reads: { cluster: CLUSTER },
  judge: (seen) =>
    judged(seen.cluster, 'deploy again', ({ status, providers }) => {
      if (status !== 'ACTIVE') return fail(`it is ${status}`, 'deploy again');
      const missing = CLUSTER_PROVIDERS.filter((name) => !providers.includes(name));
      return missing.length === 0
        ? ok(providers.join(', '))
        : fail(
            `it has no ${missing.join(' and no ')}`,
            'a removal was interrupted, or somebody took it away: deploy again',
          );
    }),
});
