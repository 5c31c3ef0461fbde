import { counted } from '../../../../functions/core/words/count.ts';
import { fail, judged, ok, warn } from '../../link.ts';
import { askForMore, QUOTAS, QUOTAS_UNREAD, quotaOf, SMALL_QUOTA_VCPUS } from '../../quotas.ts';
import { beforeLink, WANTED, type Wanted } from '../../wanted.ts';
import { REGION } from '../identity.ts';

export const quotaBefore = vcpus(
  'quota',
  'Fargate has room for jobs',
  'onDemandVcpus',
  'wait for an answer before the first job',
);
export const spotQuota = vcpus(
  'spot-quota',
  'Fargate Spot has room for jobs',
  'spotVcpus',
  'or set limits.spot: false in runners.yml',
);
export const dockerQuotaBefore = vcpus(
  'docker-quota',
  'EC2 has room for jobs with Docker',
  'dockerVcpus',
  'or set docker.limits.cpu lower in runners.yml',
);

type VcpuQuota = 'onDemandVcpus' | 'spotVcpus' | 'dockerVcpus';

/** What a job may need at most, by the quota that it counts against; `undefined` where none does. */
const NEEDED: Readonly<Record<VcpuQuota, (wanted: Wanted) => number | undefined>> = {
  onDemandVcpus: ({ largestVcpu }) => largestVcpu,
  spotVcpus: ({ largestVcpu, usesSpot }) => (usesSpot ? largestVcpu : undefined),
  dockerVcpus: ({ dockerVcpu }) => dockerVcpu || undefined,
};

function vcpus(id: string, title: string, quota: VcpuQuota, otherwise: string) {
  return beforeLink({
    id,
    title,
    tries: `servicequotas:GetServiceQuota of ${QUOTAS[quota].name}`,
    needs: ['identity'],
    reads: { quota: quotaOf(quota), wanted: WANTED, region: REGION },
    judge: (seen) => {
      const largestVcpu = NEEDED[quota](seen.wanted);
      if (largestVcpu === undefined) return ok('not used');
      return judged(seen.quota, QUOTAS_UNREAD, (count) => {
        const fix = `${askForMore(quota, Math.max(SMALL_QUOTA_VCPUS, largestVcpu), seen.region)}; ${otherwise}`;
        const told = `${counted(count, 'vCPU')} at once`;
        if (count < largestVcpu) return fail(`${told}, and a job may ask for ${largestVcpu}`, fix);
        return count < SMALL_QUOTA_VCPUS ? warn(`${told}: further jobs wait`, fix) : ok(told);
      });
    },
  });
}
