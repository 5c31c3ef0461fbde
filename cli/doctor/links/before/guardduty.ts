import { DescribeVpcEndpointsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { MADE_BY_GUARDDUTY } from '../../../../infra/guardduty.ts';
import { type Account, judged, looked, ok } from '../../link.ts';
import { beforeLink, WANTED } from '../../wanted.ts';

/** VPCs of the region in which GuardDuty keeps an endpoint. */
const WATCHED_VPCS = looked('ec2:DescribeVpcEndpoints', async ({ aws }: Account) => {
  const { VpcEndpoints = [] } = await new EC2Client(aws).send(
    new DescribeVpcEndpointsCommand({ Filters: [MADE_BY_GUARDDUTY] }),
  );
  return new Set(VpcEndpoints.map(({ VpcId }) => VpcId)).size;
});

export const guardduty = beforeLink({
  id: 'guardduty',
  title: 'what GuardDuty will add is known',
  tries: 'ec2:DescribeVpcEndpoints with its tag GuardDutyManaged',
  needs: ['identity'],
  reads: { watchedVpcs: WATCHED_VPCS, wanted: WANTED },
  judge: ({ watchedVpcs, wanted }) =>
    judged(watchedVpcs, 'check whether EC2 is up (health.aws.amazon.com)', (count) => {
      if (count === 0) return ok('it keeps no endpoint in this region');
      return ok(
        wanted.network === 'existing'
          ? `it watches ${count} VPCs here; yours is left alone`
          : `it watches ${count} VPCs here, and will ours: a removal deletes what it puts there`,
      );
    }),
});
