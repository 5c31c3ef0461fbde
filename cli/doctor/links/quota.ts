import { counted } from '../../../functions/core/words/count.ts';
import { judged, link, looked, ok, warn } from '../link.ts';
import { askForMore, QUOTAS_UNREAD, readQuota, SMALL_QUOTA_VCPUS } from '../quotas.ts';
import { REGION } from './identity.ts';
import { POLICY } from './policy.ts';

const VCPU_QUOTAS = looked('servicequotas:GetServiceQuota', async ({ aws }) => {
  const [onDemand, spot] = await Promise.all([readQuota(aws, 'onDemandVcpus'), readQuota(aws, 'spotVcpus')]);
  return { onDemand, spot };
});

export const quota = link({
  id: 'quota',
  title: 'Fargate has room for jobs',
  tries: 'servicequotas:GetServiceQuota of Fargate',
  needs: ['identity'],
  reads: { region: REGION, policy: POLICY, vcpuQuotas: VCPU_QUOTAS },
  judge: ({ vcpuQuotas, policy, region }) =>
    judged(vcpuQuotas, QUOTAS_UNREAD, ({ onDemand, spot }) => {
      const told = `${counted(onDemand, 'vCPU')} on demand, ${spot} on Spot`;
      const more = (name: 'onDemandVcpus' | 'spotVcpus') => askForMore(name, SMALL_QUOTA_VCPUS, region);
      if (onDemand < SMALL_QUOTA_VCPUS) return warn(told, more('onDemandVcpus'));
      const usesSpot = policy.kind === 'read' && policy.value.limits.spot;
      return usesSpot && spot < SMALL_QUOTA_VCPUS
        ? warn(told, `${more('spotVcpus')}; or limits.spot: false in runners.yml`)
        : ok(told);
    }),
});
