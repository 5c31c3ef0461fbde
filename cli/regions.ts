import { distance } from 'fastest-levenshtein';

/**
 * The regions that people have (docs.aws.amazon.com, AWS Regions), for a guess at what was meant. One that is missing here
 * works all the same.
 */
const REGIONS = (
  'us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 ca-west-1 mx-central-1 sa-east-1 eu-central-1 eu-central-2 ' +
  'eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 af-south-1 il-central-1 me-central-1 me-south-1 ' +
  'ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ' +
  'ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-7 cn-north-1 cn-northwest-1 us-gov-east-1 us-gov-west-1'
).split(' ');

const SHAPE = /^[a-z]{2,}(-[a-z]+)?-(north|south|east|west|central|(north|south)(east|west))-\d$/;

/** Whether it can be the name of a region, of one that is new too. */
export const isRegionName = (name: string): boolean => SHAPE.test(name);

/** `; did you mean eu-central-1?` where one is near, otherwise nothing. */
export function guessRegion(name: string): string {
  const [near] = REGIONS.map((region) => ({ region, distance: distance(name, region) })).toSorted(
    (a, b) => a.distance - b.distance,
  );
  if (near === undefined || near.distance === 0 || near.distance > MOST_EDITS) return '';
  return `; did you mean ${near.region}?`;
}

const MOST_EDITS = 3;
