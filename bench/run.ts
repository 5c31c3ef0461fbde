/** `npm run bench`: every claim about speed, cost and scale, each beside the bound that physics or a limit sets. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Command, Option } from 'commander';
import { table } from '../cli/output.ts';
import { figure, isMet, type Row } from './row.ts';
import { burst } from './rows/burst.ts';
import { calls } from './rows/calls.ts';
import { cold } from './rows/cold.ts';
import { costs } from './rows/costs.ts';
import { entrypoint } from './rows/entrypoint.ts';
import { idle } from './rows/idle.ts';
import { latency } from './rows/latency.ts';
import { sweep } from './rows/sweep.ts';
import { bundleSize, memory } from './rows/weight.ts';

const BENCHES = { calls, latency, cold, bundleSize, memory, sweep, entrypoint, costs, idle, burst };
const RESULTS = path.join(import.meta.dirname, 'results.json');

const names = Object.keys(BENCHES) as (keyof typeof BENCHES)[];
const program = new Command('npm run bench --')
  .description('Measures what the README and docs/performance.md claim.')
  .addOption(new Option('--only <names...>', 'some of the benches').choices(names).default(names))
  .option('--json', 'print the rows as one array and nothing else', false);
const { only, json } = program.parse().opts<{ only: (keyof typeof BENCHES)[]; json: boolean }>();

const rows: Row[] = [];
for (const name of names.filter((each) => only.includes(each))) {
  if (!json) console.error(`${name} …`);
  rows.push(...(await BENCHES[name]()));
}
console.log(json ? JSON.stringify(rows) : tableOf(rows));
await keep(rows);

/** The rest stay as they were measured last. */
async function keep(measured: readonly Row[]): Promise<void> {
  const before: readonly Row[] = JSON.parse(await readFile(RESULTS, 'utf8'));
  const fresh = (row: Row): Row => measured.find(({ id }) => id === row.id) ?? row;
  const known = new Set(before.map(({ id }) => id));
  const all = [...before.map(fresh), ...measured.filter(({ id }) => !known.has(id))];
  await writeFile(RESULTS, `${JSON.stringify(all, undefined, 2)}\n`);
}

function tableOf(all: readonly Row[]): string {
  const rows = all.map((row) => [
    row.what,
    ...[row.measured, row.bound].map((value) => `${figure(value)} ${row.unit}`),
    (row.measured / row.bound).toFixed(2),
    `${row.isMoreBetter ? '≥' : '≤'} ${figure(row.goal)}`,
    isMet(row) ? 'yes' : 'NO',
  ]);
  return table(['What', 'Measured', 'Bound', 'Ratio', 'Goal', 'Met'], rows);
}
