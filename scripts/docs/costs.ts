import {
  amount,
  type Counts,
  choiceFigures,
  type Figure,
  idleFigures,
  jobFigures,
  singleFigures,
  total,
} from '../../bench/figures.ts';
import { BASIS } from '../../bench/prices.ts';

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
    '## Single things',
    table(singleFigures()),
  ]
    .join('\n\n')
    .concat('\n');
}

const table = (figures: readonly Figure[]): string =>
  [
    '| What | US dollars | Details |',
    '|---|---|---|',
    ...figures.map(({ what, usd, by }) => `| ${what} | ${amount(usd)} | ${by} |`),
  ].join('\n');
