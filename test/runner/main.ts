/**
 * `npm run test:runner -- --runner DIR`: the supervisor under the official listener and worker, against the embedded
 * GitHub. DIR is an unpacked release. All other arguments are vitest's.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';

const ROOT = path.join(import.meta.dirname, '../..');
const RELEASES = 'https://github.com/actions/runner/releases';

const program = new Command('npm run test:runner --')
  .description('Runs the supervisor with an official runner, against the embedded GitHub.')
  .option('--runner <dir>', 'an unpacked release of the official runner')
  .option('--slow', 'also what takes longer than three minutes')
  .option('--record <file>', 'a line of JSON for each case: what was seen')
  .allowUnknownOption()
  .argument('[vitest...]', "vitest's own: -t TEXT, a file's name")
  .parse();
const { runner, slow, record } = program.opts<{ runner?: string; slow?: true; record?: string }>();

if (runner === undefined) {
  console.log(
    `Skipped, as no runner is named. Get a release for this machine (${RELEASES}), unpack it, and run:`,
  );
  console.log('npm run test:runner -- --runner DIR');
} else if (existsSync(path.join(runner, 'bin', 'Runner.Listener'))) runTests(path.resolve(runner));
else {
  console.error(
    `${runner} has no bin/Runner.Listener: --runner is the folder into which a release was unpacked.`,
  );
  process.exitCode = 2;
}

function runTests(release: string): void {
  const args = ['run', '--config', path.join(import.meta.dirname, 'vitest.config.ts'), ...program.args];
  const child = spawn(path.join(ROOT, 'node_modules/.bin/vitest'), args, {
    cwd: ROOT,
    env: {
      ...process.env,
      ONESHOT_TEST_RUNNER: release,
      ...(slow && { ONESHOT_TEST_SLOW: '1' }),
      ...(record !== undefined && { ONESHOT_TEST_RECORD: path.resolve(record) }),
    },
    stdio: 'inherit',
  });
  child.once('error', (error) => {
    throw error;
  });
  child.once('close', (code) => {
    process.exitCode = code ?? 1;
  });
}
