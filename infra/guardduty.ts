import {
  DeleteSecurityGroupCommand,
  DeleteVpcEndpointsCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcEndpointsCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';

/** What GuardDuty's Runtime Monitoring keeps in a VPC, by id. */
interface Leftovers {
  readonly endpoints: readonly string[];
  readonly groups: readonly string[];
}

/** The VPC of a stack, as far as a removal touches it. */
export interface VpcPort {
  /** What is not deleted yet. */
  leftovers(): Promise<Leftovers>;
  deleteEndpoints(ids: readonly string[]): Promise<void>;
  /** Does nothing while the endpoint uses it, which is until the endpoint is gone. */
  deleteGroup(id: string): Promise<void>;
}

interface ClearOptions {
  readonly nowMs: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly tell: (line: string) => void;
}

/** An endpoint is "deleting" for some minutes, for as long as its network interfaces are in the subnets. */
const LONGEST_MS = 10 * 60_000;
const LOOK_EVERY_MS = 10_000;

/**
 * Deletes what GuardDuty put into the VPC: an endpoint in its subnets, and the endpoint's security group. GuardDuty
 * leaves both there (GuardDuty user guide, "Disabling, uninstalling, and cleaning up resources in Runtime Monitoring"),
 * CloudFormation does not know them, and no subnet or VPC can be deleted that they are in
 * (terraform-provider-aws#46747). To be called when no task runs: a task brings them back.
 */
export async function clearVpc(vpc: VpcPort, { nowMs, wait, tell }: ClearOptions): Promise<void> {
  const startedMs = nowMs();
  const asked = new Set<string>();
  for (;;) {
    const { endpoints, groups } = await vpc.leftovers();
    const left = [...endpoints, ...groups];
    if (left.length === 0) return;
    if (nowMs() - startedMs > LONGEST_MS) throw new Error(notCleared(left));
    if (asked.size === 0) tell(`Deleting what GuardDuty put into the network: ${left.join(', ')}`);
    const fresh = endpoints.filter((id) => !asked.has(id));
    for (const id of left) asked.add(id);
    try {
      if (fresh.length > 0) await vpc.deleteEndpoints(fresh);
      for (const id of groups) await vpc.deleteGroup(id);
    } catch (cause) {
      throw new Error(notCleared(left), { cause });
    }
    await wait(LOOK_EVERY_MS);
  }
}

const notCleared = (left: readonly string[]): string =>
  `The network cannot be removed: GuardDuty's ${left.join(' and ')} could not be deleted. Delete them (VPC console, ` +
  'Endpoints, then Security groups), or have somebody do it who may, and run the same command again.';

/** A filter of EC2: the tag that GuardDuty puts on what it makes. */
export const MADE_BY_GUARDDUTY = { Name: 'tag:GuardDutyManaged', Values: ['true'] };

/** What GuardDuty keeps in one VPC, by EC2. */
export function connectVpc(ec2: EC2Client, vpcId: string): VpcPort {
  const Filters = [{ Name: 'vpc-id', Values: [vpcId] }, MADE_BY_GUARDDUTY];
  return {
    async leftovers() {
      const { VpcEndpoints = [] } = await ec2.send(new DescribeVpcEndpointsCommand({ Filters }));
      const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
      const isThere = VpcEndpoints.filter(({ State }) => String(State).toLowerCase() !== 'deleted');
      return {
        endpoints: isThere.flatMap(({ VpcEndpointId }) => VpcEndpointId ?? []),
        groups: SecurityGroups.flatMap(({ GroupId }) => GroupId ?? []),
      };
    },
    async deleteEndpoints(ids) {
      const { Unsuccessful = [] } = await ec2.send(
        new DeleteVpcEndpointsCommand({ VpcEndpointIds: [...ids] }),
      );
      const [refused] = Unsuccessful;
      if (refused !== undefined) throw new Error(refused.Error?.Message ?? 'refused without a reason');
    },
    async deleteGroup(GroupId) {
      await ec2.send(new DeleteSecurityGroupCommand({ GroupId })).catch((error: unknown) => {
        if (error instanceof Error && error.name === 'DependencyViolation') return;
        throw error;
      });
    },
  };
}
