/** `npm run bench:levers`: what each row would be without the lever that makes it. */
import Table from 'cli-table3';
import { functionBundle } from './bundles.ts';
import { LEVERS } from './levers.ts';
import { warmCalls } from './rows/calls.ts';
import { coldMs } from './rows/cold.ts';
import { warmMs } from './rows/latency.ts';

const table = new Table({
  head: ['Without', 'Calls a job', 'Warm, ms', 'Cold launch, ms', 'Cold ignore, ms', 'Bundle, KB'],
  style: { head: [], border: [] },
});
for (const [name, build] of [
  ['(nothing)', {}] as const,
  ...LEVERS.map((lever) => [lever.name, lever.without] as const),
]) {
  const { file, bytes } = await functionBundle(
    'webhook',
    name === '(nothing)' ? undefined : `without-${name}`,
    build,
  );
  table.push([
    name,
    (await warmCalls(file)).length,
    (await warmMs(file, 1)).toFixed(0),
    (await coldMs(file, ['fargate'])).toFixed(0),
    (await coldMs(file, ['ubuntu-latest'])).toFixed(0),
    (bytes / 1024).toFixed(0),
  ]);
}
console.log(table.toString());
for (const { name, what } of LEVERS) console.log(`${name}: ${what}`);
