import type { Command } from 'commander';
import { PARAMETER_NAMES } from '../../infra/parameters.ts';
import type { AddCommand } from '../context.ts';
import { type Deployed, type DeployOptions, deploy, packageOnly } from '../deploy/deploy.ts';
import { CliError, EXIT } from '../errors.ts';

export const addDeploy: AddCommand = (program, context) => {
  addDeployOptions(
    program
      .command('deploy')
      .description('deploy the runners.yml of this folder to AWS, or what has changed in it')
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
    .action(async (options: DeployOptions & { readonly packageOnly?: string }) => {
      const { choice, output } = context();
      if (choice.local !== undefined)
        throw new CliError('the embedded world is deployed already', 'leave --local out', EXIT.usage);
      if (options.packageOnly !== undefined) {
        const packaged = await packageOnly(choice, options, options.packageOnly, output);
        return output.answer(packaged, () => `${packaged.stack} is packaged in ${packaged.folder}`);
      }
      const deployed = await deploy(choice, options, output);
      output.answer(deployed, () => summary(deployed));
    });
};

/** Also used by `setup` and `doctor`. */
export const addDeployOptions = (command: Command): Command =>
  command.option(
    '--param <name=value>',
    'a parameter of the deployment; repeatable',
    (value: string, earlier: string[]) => [...earlier, value],
    [],
  );

const summary = ({ stack, region, seconds, webhookUrl }: Deployed): string =>
  [
    `${stack} is deployed in ${region}, after ${seconds} s. Its webhook: ${webhookUrl}`,
    'The first time, run oneshot setup next, with the same --stage and --region. At any time: oneshot doctor',
  ].join('\n');
