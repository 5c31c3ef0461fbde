/** `npm run test:account -- --stage probe --region R`: what only an account can answer, asked in one (docs/first-hour.md). */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { Command } from 'commander';
import { stackOf } from '../../cli/deployment.ts';
import { table } from '../../cli/output.ts';
import { withDocker } from './docker-questions.ts';
import { removeLauncher } from './launcher.ts';
import { type Probed, type ProbePort, probe } from './probe.ts';
import { QUESTIONS } from './questions.ts';
import { openStage } from './stage.ts';

const PROGRAM = path.join(import.meta.dirname, '../../cli/bin.ts');
/** Container Insights writes with a delay of minutes. */
const AFTER_REMOVAL_MS = 15 * 60_000;

const { stage, region, docker } = new Command('npm run test:account --')
  .description('Deploys a stage of its own, asks what only an account can answer, and removes everything.')
  .option('--stage <name>', 'a stage that is not there yet', 'probe')
  .requiredOption('--region <name>', 'AWS region')
  .option(
    '--docker',
    'a stage with jobs that need Docker, and its questions: behind NAT, half an hour longer',
    false,
  )
  .parse()
  .opts<{ stage: string; region: string; docker: boolean }>();
const deployment = { aws: { region }, stack: stackOf(stage), stage, hasDocker: docker };
const isStandIn = process.env['AWS_ENDPOINT_URL'] !== undefined;
const tell = (line: string) => console.error(`${new Date().toISOString().slice(11, 19)} ${line}`);

if (await isThere())
  throw new Error(`the stack ${deployment.stack} is there: name another --stage, as this one is removed`);
const { Account, Arn } = await new STSClient(deployment.aws).send(new GetCallerIdentityCommand({}));
tell(`account ${Account} in ${region}, as ${Arn}`);

const interruption = new AbortController();
process.on('SIGINT', () => {
  tell('Interrupted: what was made is removed first, which takes minutes. Do not close this terminal');
  interruption.abort();
});

const folder = await mkdtemp(path.join(tmpdir(), 'oneshot-probe-'));
await writeFile(path.join(folder, 'runners.yml'), 'allow:\n  repositories: []\n');
const questions = docker ? withDocker(QUESTIONS) : QUESTIONS;
const probed = await probe(questions, portOf(), { signal: interruption.signal, isStandIn, tell });
await rm(folder, { recursive: true, force: true });
print(probed);
process.exitCode = probed.problems.length > 0 ? 1 : 0;

function portOf(): ProbePort {
  return {
    async deploy() {
      const network = docker ? ['network=private', 'docker=enabled'] : ['network=public'];
      const parameters = [...network, 'containerInsights=enabled'];
      await oneshot('deploy', '--yes', ...parameters.flatMap((parameter) => ['--param', parameter]));
      return openStage(deployment);
    },
    async remove() {
      await removeLauncher(deployment);
      if (await isThere()) await oneshot('teardown', '--yes');
      if (await isThere())
        throw new Error(`the stack ${deployment.stack} is still there: run oneshot teardown`);
    },
    waitAfterRemoval: () =>
      pause(AFTER_REMOVAL_MS, undefined, { signal: interruption.signal }).catch(() => undefined),
  };
}

async function isThere(): Promise<boolean> {
  const client = new CloudFormationClient(deployment.aws);
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: deployment.stack }));
    return Stacks.some(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE');
  } catch (error) {
    if (error instanceof Error && /does not exist/.test(error.message)) return false;
    throw error;
  }
}

/** In a group of its own: a Ctrl-C of this terminal does not break off a deployment or a removal halfway. */
function oneshot(...args: string[]): Promise<void> {
  const flags = ['--stage', stage, '--region', region];
  const child = spawn(process.execPath, [PROGRAM, ...flags, ...args], {
    ...{ cwd: folder, detached: true, stdio: ['ignore', 'inherit', 'inherit'] },
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`oneshot ${args[0]} ended with ${code} (see above)`)),
    );
  });
}

function print({ rows, problems }: Probed): void {
  const cells = rows.map(({ asks, verdict, seen }) => [asks, verdict, seen]);
  console.log(table(['Question', 'Answer', 'Seen'], cells));
  for (const problem of problems) console.log(problem);
}
