import { type AvailabilityZone, DescribeAvailabilityZonesCommand, type EC2Client } from '@aws-sdk/client-ec2';

/**
 * The region's first two zones by name, as Fn::GetAZs lists them; `undefined` where the caller may not ask. By name they
 * are the same in each deployment; the order of Fn::GetAZs is not promised (CloudFormation user guide, Fn::GetAZs).
 */
export async function readFirstZones(client: EC2Client): Promise<string[] | undefined> {
  const answer = client.send(new DescribeAvailabilityZonesCommand({}));
  const { AvailabilityZones = [] } = await answer.catch(
    (error: unknown): { AvailabilityZones?: AvailabilityZone[] } => {
      if (error instanceof Error && error.name === 'UnauthorizedOperation') return {};
      throw error;
    },
  );
  const names = AvailabilityZones.flatMap(({ ZoneName, State, ZoneType = 'availability-zone' }) =>
    State === 'available' && ZoneType === 'availability-zone' ? (ZoneName ?? []) : [],
  );
  return names.length < 2 ? undefined : names.toSorted().slice(0, 2);
}
