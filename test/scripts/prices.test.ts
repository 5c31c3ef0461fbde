import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FARGATE_PRICES, PRICE_LIST } from '../../functions/core/task/fargate-prices.ts';
import { readOffer } from '../../scripts/prices/read-offer.ts';
import { withPrices } from '../../scripts/write-prices.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

interface Offer {
  offerCode: string;
  publicationDate: string;
  products: Record<string, { attributes: Record<string, unknown> }>;
  terms: { OnDemand: Record<string, unknown> };
}

/** In the form of AWS's price list: three regions, and neighbours that are not to be taken. */
const offer = (): Offer => JSON.parse(read('test/fixtures/ecs-offer.json'));
const skuOf = ({ products }: Offer, usage: string): string =>
  Object.keys(products).find((sku) => products[sku]?.attributes['usagetype'] === usage) ?? 'none';

describe('AWS’s price list', () => {
  it('should be read for Linux in each region, and nothing that is like it', () => {
    expect(readOffer(offer())).toEqual({
      published: '2026-09-11',
      regions: {
        // Half of a price is none.
        'ap-northeast-1': { x64: [0.05056, 0.00553] },
        'eu-west-1': { x64: [0.04048, 0.004445] },
        'us-east-1': { x64: [0.04048, 0.004445], arm64: [0.03238, 0.00356], storageGiB: 0.000111 },
      },
    });
  });

  it('should be refused with all that is wrong', () => {
    expect(() => readOffer({ offerCode: 'AmazonEC2' })).toThrow(
      /not a file of AWS's price list.*offerCode.*publicationDate/,
    );
    expect(() => readOffer([])).toThrow(/not a file/);
    expect(() => readOffer({ ...offer(), products: {} })).toThrow(/no price of Fargate for Linux/);
    const bad = offer();
    const own = bad.products[skuOf(bad, 'EU-Fargate-GB-Hours')];
    Object.assign(bad.products, {
      TWICE: own,
      UNPRICED: bad.products[skuOf(bad, 'EU-Fargate-vCPU-Hours:perCPU')],
    });
    bad.terms.OnDemand['TWICE'] = bad.terms.OnDemand[skuOf(bad, 'USE1-Fargate-ARM-GB-Hours')];
    expect(() => readOffer(bad)).toThrow(
      /cannot be used: eu-west-1 has two prices for x64GiB: 0.004445 and 0.00356; UNPRICED \(eu-west-1, x64Vcpu\)/,
    );
  });

  it('should become the table, which stays a table that can be written again', () => {
    const file = read('functions/core/task/fargate-prices.ts');
    const written = withPrices(file, readOffer(offer()), 'a test');
    expect(written).toContain('published: \'2026-09-11\',\n  source: "a test",\n} as const;');
    expect(written).toMatch(
      /= \{\n {2}'ap-northeast-1': \{ x64: \[0.05056, 0.00553\] \},\n {2}'eu-west-1'.*\n {2}'us-east-1'.*\n\};\n$/,
    );
    expect(withPrices(written, readOffer(offer()), 'a test')).toBe(written);
    const same = withPrices(
      written,
      { published: PRICE_LIST.published, regions: FARGATE_PRICES },
      PRICE_LIST.source,
    );
    expect(same.slice(same.indexOf('export const FARGATE_PRICES'))).toBe(
      file.slice(file.indexOf('export const FARGATE_PRICES')),
    );
  });

  it('should not be taken without the prices that stand in for others', () => {
    const { published, regions } = readOffer(offer());
    const file = read('functions/core/task/fargate-prices.ts');
    const { 'us-east-1': home = {}, ...others } = regions;
    const { storageGiB: _, ...less } = home;
    expect(() => withPrices(file, { published, regions: others }, '')).toThrow(
      /no x64, arm64, storageGiB of us-east-1/,
    );
    expect(() => withPrices(file, { published, regions: { 'us-east-1': less } }, '')).toThrow(
      /no storageGiB of us-east-1/,
    );
  });
});
