import type { AddCommand } from '../main.ts';
import type { LogRecord } from '../observe/records.ts';
import { readRecords } from '../observe/records.ts';
import { dollars, table } from '../output.ts';

interface Share {
  readonly repository: string;
  readonly size: string;
  tasks: number;
  usd: number;
}

const DAY_MS = 86_400_000;

export const addCost: AddCommand = (program, context) => {
  program
    .command('cost')
    .description('what tasks cost, by repository and size: an estimate at the prices of us-east-1')
    .option('--days <n>', 'so far back; no further than the logs are kept', Number, 30)
    .action(async ({ days }: { days: number }) => {
      const { installation, output } = context();
      const place = await installation();
      const records = await readRecords(place, place.now() - days * DAY_MS, '"task stopped"');
      const shares = costByRepository(records);
      const usd = shares.reduce((sum, share) => sum + share.usd, 0);
      output.answer({ days, usd, shares }, () =>
        [
          table(
            ['Repository', 'Size', 'Tasks', 'Estimate'],
            shares.map((share) => [share.repository, share.size, share.tasks, dollars(share.usd)]),
          ),
          `${dollars(usd)} for ${shares.reduce((sum, share) => sum + share.tasks, 0)} tasks in ${days} days`,
        ].join('\n'),
      );
    });
};

/** Dearest first. */
function costByRepository(records: readonly LogRecord[]): readonly Share[] {
  const shares = new Map<string, Share>();
  for (const { message, repository = 'unknown', hardware, costUsd = 0, taskArn } of new Map(
    records.map((record) => [record.taskArn, record]),
  ).values()) {
    if (message !== 'task stopped' || taskArn === undefined || hardware === undefined) continue;
    const size = `${hardware.vcpu} vCPU, ${hardware.memoryGiB} GiB, ${hardware.arch}${hardware.isSpot ? ', Spot' : ''}`;
    const share = shares.get(`${repository} ${size}`) ?? { repository, size, tasks: 0, usd: 0 };
    share.tasks += 1;
    share.usd += costUsd;
    shares.set(`${repository} ${size}`, share);
  }
  return [...shares.values()].toSorted((a, b) => b.usd - a.usd);
}
