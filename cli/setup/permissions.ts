import { DeleteParametersCommand, GetParametersCommand } from '@aws-sdk/client-ssm';
import { awsError } from '../aws.ts';
import type { Deployment } from '../deployment.ts';
import { CliError, EXIT } from '../errors.ts';
import { putSecret } from './apply.ts';

/** It stands beside the App's parameters for a moment; its value is not secret. */
const TRIAL = 'setup-trial';

/**
 * Stores, reads and deletes a parameter, as set-up will do with the App's secrets: GitHub hands these out once, when the
 * App is already made. Throws CliError with each action that AWS denies.
 *
 * A trial, as IAM's simulation needs a permission of its own, takes no encryption context, and knows neither the key's
 * policy nor an organisation's (IAM API reference, SimulatePrincipalPolicy).
 */
export async function tryToStore(
  deployment: Pick<Deployment, 'ssm' | 'parameterPath' | 'stack'>,
): Promise<void> {
  const Names = [`${deployment.parameterPath}/${TRIAL}`];
  const trials = [
    () => putSecret(deployment, TRIAL, 'trial'),
    () => deployment.ssm.send(new GetParametersCommand({ Names, WithDecryption: true })),
    () => deployment.ssm.send(new DeleteParametersCommand({ Names })),
  ];
  const denied: string[] = [];
  for (const trial of trials) denied.push(...(await denialOf(trial)));
  if (denied.length === 0) return;
  throw new CliError(
    `setup may not store the App's secrets:\n${denied.map((words) => `  ${words}`).join('\n')}`,
    'allow it (docs/deploy.md has the policy), then run oneshot setup again: no App was made or changed',
    EXIT.unreachable,
  );
}

/** AWS's words, with the action and the resource in them. What else goes wrong is an error. */
async function denialOf(trial: () => Promise<unknown>): Promise<string[]> {
  try {
    await trial();
    return [];
  } catch (cause) {
    const { name = '', message = '' } = cause as Partial<Error>;
    if (name.startsWith('AccessDenied')) return [message];
    throw awsError(cause, 'AWS did not try to store a parameter');
  }
}
