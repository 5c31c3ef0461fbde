import {
  amount,
  type Beside,
  besideHosted,
  type Counts,
  choiceFigures,
  type Figure,
  idleFigures,
  jobFigures,
  price,
  singleFigures,
  total,
} from '../../bench/figures.ts';
import { BASIS } from '../../bench/prices.ts';
import { FARGATE_PRICES, PRICE_LIST } from '../../functions/core/task/fargate-prices.ts';

/** `docs/costs.md`: every figure that a guide may name, on one basis. */
export function costsGuide(counts: Counts): string {
  const { jobs, jobMinutes, bootMinutes, vcpu, memoryGiB, imageGb } = BASIS;
  const count = jobs.toLocaleString('en');
  const idle = idleFigures(counts);
  const jobsOf = `${count} jobs of ${jobMinutes} minutes`;
  return [
    '# Costs',
    '<!-- Made by `npm run docs` from bench/prices.ts, bench/figures.ts and bench/results.json; not written by hand. -->',
    `List prices of us-east-1 as of November 2026 (\`bench/prices.ts\` names AWS's page for each), **without free tiers**.\nEvery job takes ${jobMinutes} minutes on ${vcpu} vCPU and ${memoryGiB} GiB (x64, on demand), and ${bootMinutes} minute more is billed: Fargate bills from the pull of the image to the task's stop.\nThe image is estimated to have ${imageGb} GB compressed.`,
    '## A month while idle',
    table([...idle, { what: '**In all**', usd: total(idle), by: 'whatever `network` is' }]),
    '## What a choice adds to a month',
    table(choiceFigures(counts)),
    `## ${jobsOf}`,
    table(jobFigures(counts)),
    `## Beside GitHub's own runners`,
    BESIDE,
    besideTable(besideHosted(counts)),
    '## Single things',
    table(singleFigures()),
    `## A region's prices`,
    REGIONS,
    regionTable(),
  ]
    .join('\n\n')
    .concat('\n');
}

const BESIDE = `The same jobs on GitHub's Linux runners of private repositories ([GitHub's prices][rates], November 2026) and on tasks of the same size in \`network: public\`, without what a month costs while idle.
GitHub's plans include minutes of standard runners, and public repositories have those for free: use them first.
GitHub charges nothing for minutes on self-hosted runners. A charge for them was announced in December 2025 and then [postponed][postponed].

[rates]: https://docs.github.com/en/billing/reference/actions-runner-pricing
[postponed]: https://github.com/resources/insights/2026-pricing-changes-for-github-actions`;

const REGIONS = `What Fargate costs an hour, by \`functions/core/task/fargate-prices.ts\`: published on ${PRICE_LIST.published}.
Source: ${PRICE_LIST.source}.
Where there is no figure, \`oneshot cost\` takes that of us-east-1 and says so; a region that is not here works all the same.`;

function regionTable(): string {
  const exact = (usd: number) => `$${usd}`;
  const pair = (prices: readonly number[] | undefined) => prices?.map(exact).join(', ') ?? '';
  return [
    '| Region | x64: vCPU, GiB | arm64: vCPU, GiB | GiB of storage |',
    '|---|---|---|---|',
    ...Object.entries(FARGATE_PRICES).map(
      ([region, { x64, arm64, storageGiB }]) =>
        `| ${region} | ${pair(x64)} | ${pair(arm64)} | ${storageGiB === undefined ? '' : exact(storageGiB)} |`,
    ),
  ].join('\n');
}

const besideTable = (rows: readonly Beside[]): string =>
  [
    '| GitHub’s runner | A minute | GitHub | Here | Cheaper here from |',
    '|---|---|---|---|---|',
    ...rows.map(
      ({ hosted, hostedUsd, hereUsd, fromJobs }) =>
        `| ${hosted.name}, ${hosted.arch}: ${hosted.vcpu} vCPU, ${hosted.memoryGiB} GB | ${price(hosted.minuteUsd)} | ${amount(hostedUsd)} | ${amount(hereUsd)} | ${fromJobs} jobs a month |`,
    ),
  ].join('\n');

const table = (figures: readonly Figure[]): string =>
  [
    '| What | US dollars | Details |',
    '|---|---|---|',
    ...figures.map(({ what, usd, by }) => `| ${what} | ${amount(usd)} | ${by} |`),
  ].join('\n');
