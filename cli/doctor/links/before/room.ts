import { DescribeAddressesCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { type Account, fail, judged, looked, ok } from '../../link.ts';
import { askForMore, QUOTAS, QUOTAS_UNREAD, quotaOf } from '../../quotas.ts';
import { beforeLink, WANTED } from '../../wanted.ts';
import { REGION } from '../identity.ts';
import { STACK } from './stack.ts';

/** How many the region has, those of the stack included. */
const USED = {
  vpcs: looked('ec2:DescribeVpcs', async ({ aws }: Account) => {
    const { Vpcs = [] } = await new EC2Client(aws).send(new DescribeVpcsCommand({}));
    return Vpcs.length;
  }),
  addresses: looked('ec2:DescribeAddresses', async ({ aws }: Account) => {
    const { Addresses = [] } = await new EC2Client(aws).send(new DescribeAddressesCommand({}));
    return Addresses.length;
  }),
};
const WITHOUT = { vpcs: 'network=existing', addresses: 'network=public' } as const;

export const vpcs = room('vpcs', 'the region has room for a VPC', 'ec2:DescribeVpcs');
export const addresses = room('addresses', 'the region has addresses for NAT', 'ec2:DescribeAddresses');

/** Whether as many as are wanted can be made beside those that are there. */
function room(what: 'vpcs' | 'addresses', title: string, action: string) {
  return beforeLink({
    id: what,
    title,
    tries: `${action}, and servicequotas:GetServiceQuota of ${QUOTAS[what].name}`,
    needs: ['identity'],
    reads: { used: USED[what], quota: quotaOf(what), stack: STACK, wanted: WANTED, region: REGION },
    judge: ({ used, quota, stack, wanted: { [what]: more }, region }) => {
      // A stack that is made has its VPC and addresses already.
      const isMade = stack.kind === 'read' && stack.value?.isMade === true;
      if (isMade || more === 0) return ok('no more are needed');
      return judged(used, 'check whether EC2 is up (health.aws.amazon.com)', (count) =>
        judged(quota, QUOTAS_UNREAD, (most) => {
          const told = `${count} of ${most} are used, ${more} needed`;
          const fix = `${askForMore(what, count + more, region)}; or remove one, or deploy with ${WITHOUT[what]}`;
          return count + more > most ? fail(told, fix) : ok(told);
        }),
      );
    },
  });
}
