import type { AddCommand } from '../context.ts';
import { showPlan } from '../deploy/plan/show-plan.ts';
import { CliError, EXIT } from '../errors.ts';
import { screenWidth } from '../terminal.ts';
import { showApprovals } from '../upgrade/show-approvals.ts';
import { type Upgrade, type UpgradeOptions, upgrade } from '../upgrade/upgrade.ts';
import { addDeployOptions } from './deploy.ts';

export const addUpgrade: AddCommand = (program, context) => {
  addDeployOptions(
    program
      .command('upgrade')
      .description('show what is new in this version and what it changes in a deployment, ask, and deploy it')
      .option('--plan', 'show what would happen, and change nothing', false)
      .option('--back', 'go back to the deployment before the present one', false),
  )
    .addHelpText(
      'after',
      '\nIt upgrades to the version of this program: npm install oneshot-runners@latest comes first.\n' +
        'Running jobs continue in their tasks. The way back is --back; it leaves runners.yml here as it is.',
    )
    .action(async (options: UpgradeOptions) => {
      const { choice, output } = context();
      if (choice.local !== undefined)
        throw new CliError('the embedded world is always this version', 'leave --local out', EXIT.usage);
      const done = await upgrade(choice, options, output);
      output.answer(done, () => (options.plan ? inWords(done) : summary(done, options)));
    });
};

function inWords({ plan, news, approvals }: Upgrade): string {
  const parts = [news, approvals.length === 0 ? '' : showApprovals(approvals, screenWidth())];
  return [...parts.filter((part) => part !== ''), showPlan(plan, screenWidth())].join('\n\n');
}

function summary({ plan, approvals, deployed }: Upgrade, { back }: UpgradeOptions): string {
  const { place, versions, kind } = plan;
  if (deployed === undefined) return 'Nothing was deployed.';
  if (kind === 'same') return `${place.stack} is at version ${versions.after}, and nothing is to be changed.`;
  const done = `${place.stack} is ${back ? 'back ' : ''}at version ${versions.after}, after ${deployed.seconds} s.`;
  const next = back
    ? 'The next oneshot deploy deploys what is in this folder again.'
    : 'oneshot doctor checks it.';
  return [done, ...(approvals.length === 0 ? [] : [showApprovals(approvals, screenWidth())]), next].join(
    '\n',
  );
}
