import { spawn } from 'node:child_process';
import { CONTAINER_NAME } from '../../functions/core/task/task-environment.ts';
import { CliError, EXIT } from '../errors.ts';
import { withoutInterrupt } from '../interrupt.ts';

interface ShellTarget {
  readonly region: string;
  readonly cluster: string;
  readonly taskArn: string;
}

const INSTALL_CLI = 'https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html';
const INSTALL_PLUGIN =
  'https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html';

/** A shell in the task's container, on this terminal; resolves with aws's exit code. Throws CliError for what is missing here. */
export async function openShell(
  { region, cluster, taskArn }: ShellTarget,
  env: NodeJS.ProcessEnv,
): Promise<number | null> {
  await requireProgram('aws', 'the AWS CLI', INSTALL_CLI, env);
  await requireProgram(
    'session-manager-plugin',
    'the Session Manager plugin of the AWS CLI',
    INSTALL_PLUGIN,
    env,
  );
  const where = ['--region', region, '--cluster', cluster, '--task', taskArn, '--container', CONTAINER_NAME];
  return run(
    'aws',
    ['ecs', 'execute-command', ...where, '--interactive', '--command', '/bin/bash'],
    'inherit',
    env,
  );
}

async function requireProgram(program: string, what: string, url: string, env: NodeJS.ProcessEnv) {
  const missing = new CliError(`${what} is not on this machine`, `install it: ${url}`, EXIT.usage);
  await run(program, ['--version'], 'ignore', env).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? missing : error;
  });
}

function run(
  program: string,
  args: readonly string[],
  stdio: 'inherit' | 'ignore',
  env: NodeJS.ProcessEnv,
): Promise<number | null> {
  // Ctrl-C is for the shell in the task: the plugin handles it.
  return withoutInterrupt(
    () =>
      new Promise<number | null>((resolve, reject) => {
        const child = spawn(program, args, { stdio, env });
        child.once('error', reject);
        child.once('close', (code) => resolve(code));
      }),
  );
}
