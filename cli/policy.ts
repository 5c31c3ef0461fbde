import { readFile } from 'node:fs/promises';
import type { Policy } from '../functions/core/job/policy.ts';
import { parseRunnersConfig } from '../functions/runners-config.ts';
import { CliError, EXIT } from './errors.ts';

/** The policy in the `runners.yml` of the current folder: what was deployed, if it has not been changed since. */
export async function readPolicy(file = 'runners.yml'): Promise<Policy> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CliError(
      `there is no ${file} here`,
      'go to the folder that you deploy from, or write one with oneshot init',
      EXIT.usage,
      cause,
    );
  });
  return parseRunnersConfig(text);
}
