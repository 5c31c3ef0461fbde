import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { REQUIRED_PARAMETERS, readStored } from '../../functions/aws/parameters.ts';
import { regionOf } from '../aws.ts';
import type { CliContext } from '../context.ts';
import { type Deployment, IncompleteStack, NoStack, stackOf } from '../deployment.ts';
import { examine } from '../doctor/link.ts';
import { QUICK_LINKS } from '../doctor/links/index.ts';
import { CliError, EXIT } from '../errors.ts';
import { readPolicy } from '../policy.ts';
import type { Seen } from './next-step.ts';

/** How long a person waits who only asked where things stand. */
const MOST_MS = 8_000;

/** Looks at the folder first, then at the deployment. Throws CliError where that cannot be asked, or not soon. */
export async function look(context: CliContext): Promise<Seen> {
  const isLocal = context.choice.local !== undefined;
  if (!(isLocal || existsSync('runners.yml'))) return { kind: 'no-policy' };
  await readPolicy();
  const isOver = new AbortController();
  const late = pause(MOST_MS, undefined, { signal: isOver.signal }).then(tooLate, () => tooLate());
  return Promise.race([lookAtDeployment(context), late]).finally(() => isOver.abort());
}

function tooLate(): never {
  throw new CliError(
    `AWS and GitHub did not answer within ${MOST_MS / 1000} seconds`,
    'run oneshot doctor: it waits longer, and says which of them it is',
    EXIT.unreachable,
  );
}

async function lookAtDeployment({ connected, choice }: CliContext): Promise<Seen> {
  const deployment = await connected().catch(unreached);
  if (deployment === 'not-deployed' || deployment === 'unfinished')
    return { kind: deployment, stack: stackOf(choice.stage), region: await regionOf(choice) };
  const { stack, region } = deployment;
  if (!(await hasApp(deployment))) return { kind: 'no-app', stack, region };
  return { kind: 'examined', stack, region, findings: await examine(QUICK_LINKS, deployment) };
}

function unreached(error: unknown): 'not-deployed' | 'unfinished' {
  if (error instanceof NoStack) return 'not-deployed';
  if (error instanceof IncompleteStack) return 'unfinished';
  throw error;
}

/** A part of it is a fault, which its link tells; so is what may not be read. */
async function hasApp({ ssm, parameterPath }: Deployment): Promise<boolean> {
  const stored = await readStored(ssm, parameterPath).catch(() => undefined);
  return stored === undefined || REQUIRED_PARAMETERS.some((name) => stored.has(name));
}
