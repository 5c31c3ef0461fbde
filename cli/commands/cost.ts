import { InvalidArgumentError, Option } from 'commander';
import { PRICE_LIST } from '../../functions/core/task/fargate-prices.ts';
import { type Priced, STAND_IN_REGION, standInsFor } from '../../functions/core/task/prices.ts';
import { counted } from '../../functions/core/words/count.ts';
import type { AddCommand } from '../context.ts';
import { csvLines } from '../csv.ts';
import {
  type CostShare,
  type CostSum,
  costBy,
  costOfSettled,
  DIMENSIONS,
  type Dimension,
  sumOf,
} from '../observe/cost.ts';
import { readStoppedTasks } from '../observe/look.ts';
import { createOutput, type Output, table } from '../output.ts';
import { dollars } from '../units.ts';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
const DEFAULT_BY: readonly Dimension[] = ['repository', 'size'];
const FORMATS = ['table', 'csv', 'json'] as const;

interface CostOptions {
  readonly by?: readonly Dimension[];
  readonly days?: number;
  readonly month?: Month;
  readonly format: (typeof FORMATS)[number];
}

/** Of UTC. The end is not in it. */
interface Month {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What the command answers, as JSON has it. */
interface CostAnswer extends CostSum {
  /** Where no month was asked for. */
  readonly days?: number;
  readonly month?: string;
  readonly region: string;
  readonly prices: typeof PRICE_LIST & { readonly standIns: readonly Priced[] };
  readonly by: readonly Dimension[];
  readonly shares: readonly CostShare[];
}

export const addCost: AddCommand = (program, context) => {
  program
    .command('cost')
    .description(
      "show what ended tasks cost: an estimate at the region's prices, with what Spot saved and what was idle",
    )
    .option(
      '--by <names>',
      `what to tell apart: ${DIMENSIONS.join(', ')}; several with commas or again (default: ${DEFAULT_BY.join(',')})`,
      readBy,
    )
    .option(
      '--days <n>',
      `how many days to look back (default: ${DEFAULT_DAYS}); as long as logs are kept`,
      readDays,
    )
    .addOption(
      new Option('--month <month>', 'a month of UTC instead, like 2026-10')
        .argParser(readMonth)
        .conflicts('days'),
    )
    .addOption(new Option('--format <format>', 'how to answer').choices(FORMATS).default('table'))
    .action(async ({ by = DEFAULT_BY, days = DEFAULT_DAYS, month, format }: CostOptions) => {
      const { connected, output } = context();
      const deployment = await connected();
      const { region } = deployment;
      const [fromMs, toMs] = month
        ? [month.fromMs, month.toMs]
        : [deployment.now() - days * DAY_MS, Infinity];
      const ended = await readStoppedTasks(deployment, fromMs, toMs);
      const shares = costBy(
        ended.map((task) => costOfSettled(task, region)),
        by,
      );
      const standIns = [...new Set(ended.flatMap(({ hardware }) => standInsFor(hardware, region)))];
      const prices = { ...PRICE_LIST, standIns };
      answer(output, format, {
        ...(month === undefined ? { days } : { month: month.name }),
        ...{ region, prices, by, ...sumOf(shares), shares },
      });
    });
};

function answer(output: Output, format: CostOptions['format'], found: CostAnswer): void {
  const fitting = format === 'json' ? createOutput(true) : output;
  if (format === 'csv' && !output.isJson) fitting.file(csvOf(found));
  else fitting.answer(found, () => draw(found));
}

function readBy(text: string, before: readonly Dimension[] = []): readonly Dimension[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !DIMENSIONS.some((known) => known === name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`"${unknown}" is not one of ${DIMENSIONS.join(', ')}.`);
  return [...new Set([...before, ...(names as Dimension[])])];
}

function readDays(text: string): number {
  const days = Number(text);
  if (days > 0 && days <= 3653) return days;
  throw new InvalidArgumentError('It must be a number of days above 0.');
}

function readMonth(name: string): Month {
  const [, year, month] = /^(20\d\d)-(0[1-9]|1[0-2])$/.exec(name) ?? [];
  if (year === undefined) throw new InvalidArgumentError('It must be a month, like 2026-10.');
  const at = (months: number) => Date.UTC(Number(year), Number(month) - 1 + months);
  return { name, fromMs: at(0), toMs: at(1) };
}

const TITLES: Readonly<Record<Dimension, string>> = {
  repository: 'Repository',
  workflow: 'Workflow',
  label: 'Label',
  month: 'Month',
  size: 'Size',
};

function draw(found: CostAnswer): string {
  const { by, shares } = found;
  if (shares.length === 0) return told(found);
  const head = [...by.map((dimension) => TITLES[dimension])];
  const rows = shares.map((share) => [
    ...by.map((dimension) => share[dimension] ?? ''),
    share.tasks,
    Math.round(share.minutes),
    ...[share.usd, share.spotSavedUsd, share.idleUsd, share.bootUsd].map(dollars),
  ]);
  return `${table([...head, 'Tasks', 'Minutes', 'Estimate', 'Spot saved', 'Idle', 'Boot'], rows)}\n${told(found)}`;
}

/** The total, what it was reckoned by, and what its parts are. */
function told({
  tasks,
  usd,
  spotSavedUsd,
  idleUsd,
  bootUsd,
  days,
  month,
  region,
  prices,
}: CostAnswer): string {
  const when = month ?? counted(days ?? 0, 'day');
  const { standIns, published } = prices;
  const elsewhere =
    standIns.length === 0
      ? ''
      : `; the list here has none for ${standIns.join(', ')}: those are of ${STAND_IN_REGION}`;
  return [
    `${dollars(usd)} for ${counted(tasks, 'task')} in ${when} (estimate: tasks alone, prices of ${region}, ${published}${elsewhere})`,
    ...(tasks === 0
      ? []
      : [
          `Spot saved about ${dollars(spotSavedUsd)}. Tasks without a job took ${dollars(idleUsd)}, and the others ${dollars(bootUsd)} before their runner started.`,
        ]),
  ].join('\n');
}

const csvOf = ({ by, shares }: CostAnswer): string[] =>
  csvLines(
    [...by, 'tasks', 'minutes', 'usd', 'spot_saved_usd', 'idle_usd', 'boot_usd'],
    shares.map((share) => [
      ...by.map((dimension) => share[dimension] ?? ''),
      ...[share.tasks, share.minutes, share.usd, share.spotSavedUsd, share.idleUsd, share.bootUsd],
    ]),
  );
