/**
 * `npm run test:docker`: the containers of a task with Docker. A real daemon, the real supervisor, and with `--runner DIR`
 * the official runner from an unpacked release. All other arguments are vitest's.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { whyNoDaemon } from '../../local/docker/index.ts';

const ROOT = path.join(import.meta.dirname, '../..');
/** As awsvpc gives a task: a network with nothing else in it. It ends with all processes and mounts, whatever happens. */
const NAMESPACES = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

const program = new Command('npm run test:docker --')
  .description('Runs jobs with a real Docker daemon beside the supervisor.')
  .option('--runner <dir>', 'an unpacked release of the official runner: also what needs that')
  .allowUnknownOption()
  .argument('[vitest...]', "vitest's own: -t TEXT, a file's name")
  .parse();
const { runner } = program.opts<{ runner?: string }>();
const why = whyNoDaemon();

if (why !== undefined) console.log(`Skipped: ${why}.`);
else if (runner === undefined || existsSync(path.join(runner, 'bin', 'Runner.Listener'))) runTests();
else {
  console.error(
    `${runner} has no bin/Runner.Listener: --runner is the folder into which a release was unpacked.`,
  );
  process.exitCode = 2;
}

function runTests(): void {
  const vitest = path.join(ROOT, 'node_modules/.bin/vitest');
  const args = ['run', '--config', path.join(import.meta.dirname, 'vitest.config.ts'), ...program.args];
  const inside = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh', vitest, ...args];
  const child = spawn('unshare', [...NAMESPACES, ...inside], {
    cwd: ROOT,
    env: { ...process.env, ...(runner !== undefined && { ONESHOT_TEST_RUNNER: path.resolve(runner) }) },
    stdio: 'inherit',
  });
  child.once('error', (error) => {
    throw error;
  });
  child.once('close', (code) => {
    process.exitCode = code ?? 1;
  });
}
