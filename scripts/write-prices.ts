/**
 * Writes Fargate's prices by region into functions/core/task/fargate-prices.ts, from AWS's price list. Run by hand, `npm run
 * prices`: it asks AWS; `--offer FILE` takes a file that was downloaded, and `--offer URL` another address. Then `npm run docs`.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { STAND_IN_REGION } from '../functions/core/task/prices.ts';
import { type PriceTable, readOffer } from './prices/read-offer.ts';

/** AWS-84. */
const ALL_REGIONS = 'https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonECS/current/index.json';
const TARGET = path.join(import.meta.dirname, '../functions/core/task/fargate-prices.ts');
const DOWNLOAD_MS = 300_000;
/** Whatever the table says for the regions, these three must be there: what others lack is priced as here. */
const WHOLE = ['x64', 'arm64', 'storageGiB'] as const;

/**
 * The file with this table. Throws an Error where the table lacks what stands in for others,
 * as that of a single region does.
 */
export function withPrices(file: string, { published, regions }: PriceTable, source: string): string {
  const missing = WHOLE.filter((part) => regions[STAND_IN_REGION]?.[part] === undefined);
  if (missing.length > 0)
    throw new Error(
      `the price list has no ${missing.join(', ')} of ${STAND_IN_REGION}: take the file of all regions`,
    );
  const lines = Object.entries(regions).map(([region, prices]) => `  '${region}': ${rowOf(prices)},\n`);
  return replaced(
    replaced(file, /(PRICE_LIST = \{\n)[^}]*(\} as const)/, [
      `  published: '${published}',\n`,
      `  source: ${JSON.stringify(source)},\n`,
    ]),
    /(FARGATE_PRICES[^{]*\{\n)[\s\S]*?(\n?\};\n$)/,
    [lines.join('').trimEnd()],
  );
}

/** `{ x64: [0.04048, 0.004445], storageGiB: 0.000111 }` */
const rowOf = (prices: object): string =>
  `{ ${Object.entries(prices)
    .map(([key, value]) => `${key}: ${Array.isArray(value) ? `[${value.join(', ')}]` : value}`)
    .join(', ')} }`;

function replaced(text: string, place: RegExp, lines: readonly string[]): string {
  if (!place.test(text)) throw new Error(`fargate-prices.ts is not as it was written: ${place.source}`);
  return text.replace(place, (_, before: string, after: string) => `${before}${lines.join('')}${after}`);
}

async function download(from: string): Promise<string> {
  if (!/^https?:/.test(from)) return readFile(from, 'utf8');
  const answer = await fetch(from, { signal: AbortSignal.timeout(DOWNLOAD_MS) });
  if (!answer.ok)
    throw new Error(`${from} answered ${answer.status}: download it, and give the file by --offer`);
  return answer.text();
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { offer: { type: 'string', default: ALL_REGIONS } } });
  const table = readOffer(JSON.parse(await download(values.offer)));
  const source = 'AWS’s price list of AmazonECS (docs/facts/aws.md, AWS-84)';
  await writeFile(TARGET, withPrices(await readFile(TARGET, 'utf8'), table, source));
  console.log(
    `${Object.keys(table.regions).length} regions, published ${table.published}. Now: npm run docs`,
  );
}
