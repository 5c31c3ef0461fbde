import * as v from 'valibot';
import type { RegionPrices } from '../../functions/core/task/fargate-prices.ts';

/** A file of AWS's price list, as far as it is read (AWS-84): products by SKU, and under the same SKU what they cost. */
const OFFER = v.object({
  offerCode: v.literal('AmazonECS', 'offerCode must be AmazonECS'),
  publicationDate: v.pipe(v.string(), v.isoTimestamp('publicationDate must be a time')),
  products: v.record(v.string(), v.object({ attributes: v.record(v.string(), v.unknown()) })),
  terms: v.object({ OnDemand: v.record(v.string(), v.record(v.string(), v.unknown())) }),
});

const TERM = v.object({
  priceDimensions: v.record(
    v.string(),
    v.object({
      unit: v.string(),
      pricePerUnit: v.object({ USD: v.pipe(v.string(), v.regex(/^\d+\.\d+$/)) }),
    }),
  ),
});

/** What a vCPU, a GiB and a GiB of storage are called in a usage type, after the region's prefix: `EUC1-Fargate-GB-Hours`. */
const USAGE = {
  'vCPU-Hours:perCPU': 'x64Vcpu',
  'GB-Hours': 'x64GiB',
  'ARM-vCPU-Hours:perCPU': 'arm64Vcpu',
  'ARM-GB-Hours': 'arm64GiB',
  'EphemeralStorage-GB-Hours': 'storageGiB',
} as const;
/** A prefix is the region's own, and nothing as `SpotUsage-`. */
const FARGATE = /^(?:[A-Z]{2,4}\d?-)?Fargate-(.+)$/;

type Part = (typeof USAGE)[keyof typeof USAGE];
type Parts = Partial<Record<Part, number>>;

export interface PriceTable {
  /** A date. */
  readonly published: string;
  /** By the region's name, in its order. */
  readonly regions: Readonly<Record<string, RegionPrices>>;
}

/**
 * Fargate's prices for Linux, US dollars an hour, from a parsed file of AWS's price list: of all regions, or of one. Throws
 * an Error with all that is wrong.
 */
export function readOffer(offer: unknown): PriceTable {
  const read = v.safeParse(OFFER, offer);
  if (!read.success)
    throw new Error(`this is not a file of AWS's price list: ${read.issues.map(tellIssue).join('; ')}`);
  const { publicationDate, products, terms } = read.output;
  const problems: string[] = [];
  const found = new Map<string, Parts>();
  for (const [sku, { attributes }] of Object.entries(products)) {
    const part = partOf(attributes);
    const region = String(attributes['regionCode'] ?? '');
    if (part === undefined || region === '') continue;
    const usd = priceOf(terms.OnDemand[sku]);
    const before = found.get(region)?.[part];
    if (usd === undefined)
      problems.push(`${sku} (${region}, ${part}) has no single price an hour in US dollars`);
    else if (before !== undefined && before !== usd)
      problems.push(`${region} has two prices for ${part}: ${before} and ${usd}`);
    else found.set(region, { ...found.get(region), [part]: usd });
  }
  const regions = Object.fromEntries(
    [...found].toSorted(byName).map(([name, parts]) => [name, pricesOf(parts)]),
  );
  if (found.size === 0) problems.push('it has no price of Fargate for Linux');
  if (problems.length > 0) throw new Error(`the price list cannot be used: ${problems.join('; ')}`);
  return { published: publicationDate.slice(0, 10), regions };
}

const tellIssue = (issue: v.BaseIssue<unknown>): string =>
  `${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`;

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

function partOf({ usagetype, locationType }: Readonly<Record<string, unknown>>): Part | undefined {
  // A local zone has a price of its own under its region's name.
  if (locationType !== undefined && locationType !== 'AWS Region') return undefined;
  const name = FARGATE.exec(String(usagetype))?.[1] ?? '';
  return Object.hasOwn(USAGE, name) ? USAGE[name as keyof typeof USAGE] : undefined;
}

function priceOf(terms: Readonly<Record<string, unknown>> = {}): number | undefined {
  const dimensions = Object.values(terms).flatMap((term) => {
    const { success, output } = v.safeParse(TERM, term);
    return success ? Object.values(output.priceDimensions) : [];
  });
  const [only, ...more] = new Set(dimensions.map(({ pricePerUnit }) => Number(pricePerUnit.USD)));
  const isHourly = dimensions.every(({ unit }) => /hours$/i.test(unit));
  return only !== undefined && only > 0 && more.length === 0 && isHourly ? only : undefined;
}

const pricesOf = ({ x64Vcpu, x64GiB, arm64Vcpu, arm64GiB, storageGiB }: Parts): RegionPrices => ({
  ...(x64Vcpu !== undefined && x64GiB !== undefined && { x64: [x64Vcpu, x64GiB] }),
  ...(arm64Vcpu !== undefined && arm64GiB !== undefined && { arm64: [arm64Vcpu, arm64GiB] }),
  ...(storageGiB !== undefined && { storageGiB }),
});
