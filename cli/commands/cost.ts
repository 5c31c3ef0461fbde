import { InvalidArgumentError } from 'commander';
import { counted } from '../../functions/core/words/count.ts';
import type { AddCommand } from '../context.ts';
import { type CostShare, costByRepository, costOfSettled } from '../observe/cost.ts';
import { readStoppedTasks } from '../observe/look.ts';
import { table } from '../output.ts';
import { dollars } from '../units.ts';

const DAY_MS = 86_400_000;

export const addCost: AddCommand = (program, context) => {
  program
    .command('cost')
    .description('show what ended tasks cost, by repository and size: an estimate at the prices of us-east-1')
    .option('--days <n>', 'how many days to look back, at most as long as logs are kept', readDays, 30)
    .action(async ({ days }: { days: number }) => {
      const { connected, output } = context();
      const deployment = await connected();
      const ended = await readStoppedTasks(deployment, deployment.now() - days * DAY_MS);
      const shares = costByRepository(ended.map(costOfSettled));
      const usd = shares.reduce((sum, share) => sum + share.usd, 0);
      output.answer({ days, usd, shares }, () => draw(shares, usd, days));
    });
};

function readDays(text: string): number {
  const days = Number(text);
  if (days > 0 && days <= 3653) return days;
  throw new InvalidArgumentError('It must be a number of days above 0.');
}

function draw(shares: readonly CostShare[], usd: number, days: number): string {
  const tasks = shares.reduce((sum, share) => sum + share.tasks, 0);
  const told = `${dollars(usd)} for ${counted(tasks, 'task')} in ${counted(days, 'day')} (estimate: tasks alone, prices of us-east-1)`;
  if (shares.length === 0) return told;
  const rows = shares.map((share) => [
    share.repository,
    share.size,
    share.tasks,
    Math.round(share.minutes),
    dollars(share.usd),
  ]);
  return `${table(['Repository', 'Size', 'Tasks', 'Minutes', 'Estimate'], rows)}\n${told}`;
}
