import type { Command } from 'commander';
import { PARAMETER_NAMES } from '../../infra/parameters.ts';
import type { AddCommand } from '../context.ts';
import { type Deployed, type DeployOptions, deploy, packageOnly, planOnly } from '../deploy/deploy.ts';
import { showPlan } from '../deploy/plan/show-plan.ts';
import { CliError, EXIT } from '../errors.ts';
import { screenWidth } from '../terminal.ts';

export const addDeploy: AddCommand = (program, context) => {
  addDeployOptions(
    program
      .command('deploy')
      .description(
        'show what a deployment of the runners.yml of this folder changes and costs, ask, and deploy it',
      )
      .option('--plan', 'show what would happen, and deploy nothing', false)
      .option(
        '--package-only <folder>',
        'write templates and functions to this folder, offline, and deploy nothing',
      ),
  )
    .addHelpText(
      'after',
      `\nParameters: ${PARAMETER_NAMES.join(', ')}.\n` +
        'Keep parameters in a parameters.yml beside runners.yml: a block `default` is for all stages, ' +
        'and a block named as a stage is for that stage. --param is for this deployment only.',
    )
    .action(async (options: Options) => {
      const { choice, output } = context();
      if (choice.local !== undefined)
        throw new CliError('the embedded world is deployed already', 'leave --local out', EXIT.usage);
      if (options.packageOnly !== undefined) {
        const packaged = await packageOnly(choice, options, options.packageOnly);
        return output.answer(packaged, () => `${packaged.stack} is packaged in ${packaged.folder}`);
      }
      if (options.plan) {
        const plan = await planOnly(choice, options, output);
        return output.answer(plan, () => showPlan(plan, screenWidth()));
      }
      const deployed = await deploy(choice, options, output);
      output.answer(deployed ?? { isDeployed: false }, () =>
        deployed === undefined ? 'Nothing was deployed.' : summary(deployed),
      );
    });
};

type Options = DeployOptions & { readonly packageOnly?: string; readonly plan: boolean };

/** Also used by `doctor`. */
export const addParameterOption = (command: Command): Command =>
  command.option(
    '--param <name=value>',
    'a parameter of the deployment; repeatable',
    (value: string, earlier: string[]) => [...earlier, value],
    [],
  );

/** Of what deploys: `setup` too. */
export const addDeployOptions = (command: Command): Command =>
  addParameterOption(command).option('--yes', 'deploy what the plan shows without a question', false);

const summary = ({ stack, region, seconds, webhookUrl, plan }: Deployed): string =>
  [
    plan.kind === 'same'
      ? `${stack} in ${region} is as it should be already. Its webhook: ${webhookUrl}`
      : `${stack} is deployed in ${region}, after ${seconds} s. Its webhook: ${webhookUrl}`,
    'The first time, run oneshot setup next, with the same --stage and --region. At any time: oneshot doctor',
  ].join('\n');
