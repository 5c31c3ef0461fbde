import { InvalidArgumentError } from 'commander';
import { titleAfter } from '../../functions/core/job/providers.ts';
import { counted } from '../../functions/core/words/count.ts';
import type { SettledTask } from '../../functions/records/settled.ts';
import type { AddCommand } from '../context.ts';
import { readStoppedTasks } from '../observe/look.ts';
import { table } from '../output.ts';
import { dollars } from '../units.ts';

interface Share {
  readonly repository: string;
  readonly size: string;
  readonly tasks: number;
  readonly minutes: number;
  readonly usd: number;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

export const addCost: AddCommand = (program, context) => {
  program
    .command('cost')
    .description('show what ended tasks cost, by repository and size: an estimate at the prices of us-east-1')
    .option('--days <n>', 'how many days to look back, at most as long as logs are kept', readDays, 30)
    .action(async ({ days }: { days: number }) => {
      const { connected, output } = context();
      const deployment = await connected();
      const shares = costByRepository(await readStoppedTasks(deployment, deployment.now() - days * DAY_MS));
      const usd = shares.reduce((sum, share) => sum + share.usd, 0);
      output.answer({ days, usd, shares }, () => draw(shares, usd, days));
    });
};

function readDays(text: string): number {
  const days = Number(text);
  if (days > 0 && days <= 3653) return days;
  throw new InvalidArgumentError('It must be a number of days above 0.');
}

function draw(shares: readonly Share[], usd: number, days: number): string {
  const tasks = shares.reduce((sum, share) => sum + share.tasks, 0);
  const told = `${dollars(usd)} for ${counted(tasks, 'task')} in ${counted(days, 'day')} (estimate: Fargate alone, prices of us-east-1)`;
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

/** Dearest first. */
function costByRepository(tasks: readonly SettledTask[]): readonly Share[] {
  const shares = new Map<string, Share>();
  for (const { repository = 'unknown', hardware, costUsd, startedAtMs, stoppedAtMs } of tasks) {
    const { vcpu, memoryGiB, arch, provider } = hardware;
    const size = `${vcpu} vCPU, ${memoryGiB} GiB, ${arch}${titleAfter(provider)}`;
    const key = `${repository} ${size}`;
    const { tasks: count = 0, minutes = 0, usd = 0 } = shares.get(key) ?? {};
    const ranMs = startedAtMs === undefined || stoppedAtMs === undefined ? 0 : stoppedAtMs - startedAtMs;
    const sum = { tasks: count + 1, minutes: minutes + ranMs / MINUTE_MS, usd: usd + costUsd };
    shares.set(key, { repository, size, ...sum });
  }
  return [...shares.values()].toSorted((a, b) => b.usd - a.usd);
}
