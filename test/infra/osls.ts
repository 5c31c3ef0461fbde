import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '../..');
const OSLS = path.join(ROOT, 'node_modules/serverless/bin/serverless.js');

export interface StandIns {
  /** Stands in for image/entrypoint.sh. */
  readonly entrypoint?: string;
  /** Stands in for infra/load.js. */
  readonly loader?: string;
  /** Stands in for runners.yml. */
  readonly runners?: string;
}

/** The service in a folder of its own, in which osls writes what it makes. */
export async function copyService(
  service: string,
  { entrypoint, loader, runners }: StandIns = {},
): Promise<void> {
  for (const name of ['functions', 'node_modules', 'package.json', 'scripts'])
    await symlink(path.join(ROOT, name), path.join(service, name));
  for (const name of ['serverless.yml', 'runners.yml', 'image'])
    await cp(path.join(ROOT, name), path.join(service, name), { recursive: true });
  await mkdir(path.join(service, 'infra'));
  for (const name of await readdir(path.join(ROOT, 'infra')))
    await symlink(path.join(ROOT, 'infra', name), path.join(service, 'infra', name));
  if (entrypoint !== undefined) await writeFile(path.join(service, 'image/entrypoint.sh'), entrypoint);
  if (runners !== undefined) await writeFile(path.join(service, 'runners.yml'), runners);
  if (loader !== undefined) await replace(path.join(service, 'infra/load.js'), loader);
}

async function replace(file: string, text: string): Promise<void> {
  await rm(file);
  await writeFile(file, text);
}

/**
 * Runs osls on a copy of the service. Resolves, and rejects, with what it printed. Without the AWS settings of the
 * person who runs the tests, as the region is part of the template; `environment` is added.
 */
export function runOsls(
  cwd: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  const env = { ...Object.fromEntries(own), ...environment };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [OSLS, ...args], { cwd, env }, (error, stdout, stderr) =>
      error === null ? resolve(`${stdout}${stderr}`) : reject(new Error(`${stdout}${stderr}`)),
    );
  });
}
