import { confirm } from '@inquirer/prompts';
import { CliError, EXIT } from '../errors.ts';
import type { Output } from '../output.ts';
import { screenWidth, toTerminal } from '../terminal.ts';
import { type DeployPlan, losesSomething } from './plan/plan.ts';
import { showPlan } from './plan/show-plan.ts';

/**
 * Shows a plan and asks whether to make it so. What changes nothing needs no answer. Throws CliError where nobody can be
 * asked.
 */
export async function agreed(
  plan: DeployPlan,
  { yes }: { readonly yes?: boolean | undefined },
  output: Output,
): Promise<boolean> {
  output.tell(showPlan(plan, screenWidth()));
  if (yes || plan.kind === 'same') return true;
  if (output.isJson || !process.stdin.isTTY) throw nobodyToAsk(output.isJson);
  const { stack, account, region } = plan.place;
  const message = toTerminal(`Deploy this to ${stack} in account ${account}, ${region}?`);
  return confirm({ message, default: !losesSomething(plan) });
}

const nobodyToAsk = (isJson: boolean): CliError =>
  new CliError(
    isJson
      ? 'this command asks before it deploys, and --json prints no question'
      : 'this command asks before it deploys, and there is no terminal',
    'give --yes to deploy, or --plan to see only what would happen',
    EXIT.usage,
  );
