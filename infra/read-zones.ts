import { type AvailabilityZone, DescribeAvailabilityZonesCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { ZONE_LETTERS, type ZoneLetter } from './derive.ts';

/** Two zones of the region, the first by name that a VPC has room for; `undefined` where the caller may not ask. */
export async function readFirstZones(client: EC2Client): Promise<ZoneLetter[] | undefined> {
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
  const letters = ZONE_LETTERS.filter((letter) => names.some((name) => name.endsWith(letter)));
  return letters.length < 2 ? undefined : letters.slice(0, 2);
}
