import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { inject } from 'vitest';
import { resolveConditions, type Template } from './template.ts';

export const ROOT = path.join(import.meta.dirname, '../..');
const OSLS = path.join(ROOT, 'node_modules/serverless/bin/serverless.js');

export interface PackageOptions {
  /** Values for `--param`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** More of the command line: `--stage prod`. */
  readonly flags?: readonly string[];
  /** Stands in for image/entrypoint.sh. */
  readonly entrypoint?: string;
  /** Stands in for infra/load.js. */
  readonly loader?: string;
}

export interface Packaged {
  /** Where the package was written: the zips, the template, osls's state. */
  readonly directory: string;
  /** The file of the template. */
  readonly file: string;
  /** As CloudFormation gets it. */
  readonly template: Template;
  /** As CloudFormation reads it: conditions decided, what they rule out left out. */
  readonly resolved: Template;
}

/**
 * Runs `serverless package` offline on a copy of the service, once for the same options in a run of the tests.
 * Rejects with what osls printed.
 */
export async function packageService(options: PackageOptions = {}): Promise<Packaged> {
  const service = path.join(inject('packages'), keyOf(options));
  await once(service, () => packageCopy(`${service}.part`, options));
  const directory = path.join(service, 'package');
  const file = path.join(directory, 'cloudformation-template-update-stack.json');
  const text = await readFile(file, 'utf8');
  return { directory, file, template: JSON.parse(text), resolved: resolveConditions(JSON.parse(text)) };
}

function keyOf({ parameters = {}, flags = [], entrypoint, loader }: PackageOptions): string {
  const text = JSON.stringify([parameters, flags, entrypoint, loader]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Test files run beside each other: the first makes the folder, the others wait for it. */
async function once(folder: string, make: () => Promise<void>): Promise<void> {
  if (existsSync(folder)) return;
  const isFirst = await mkdir(`${folder}.part`).then(
    () => true,
    () => false,
  );
  if (!isFirst) return setTimeout(100).then(() => once(folder, make));
  try {
    await make();
    await rename(`${folder}.part`, folder);
  } finally {
    await rm(`${folder}.part`, { recursive: true, force: true });
  }
}

async function packageCopy(service: string, options: PackageOptions): Promise<void> {
  await copyService(service, options);
  const parameters = Object.entries(options.parameters ?? {}).flatMap(([name, value]) => [
    '--param',
    `${name}=${value}`,
  ]);
  await runOsls(service, ['package', '--package', 'package', ...parameters, ...(options.flags ?? [])]);
}

async function copyService(service: string, { entrypoint, loader }: PackageOptions): Promise<void> {
  for (const name of ['functions', 'node_modules', 'package.json', 'scripts'])
    await symlink(path.join(ROOT, name), path.join(service, name));
  for (const name of ['serverless.yml', 'runners.yml', 'image'])
    await cp(path.join(ROOT, name), path.join(service, name), { recursive: true });
  await mkdir(path.join(service, 'infra'));
  for (const name of await readdir(path.join(ROOT, 'infra')))
    await symlink(path.join(ROOT, 'infra', name), path.join(service, 'infra', name));
  if (entrypoint !== undefined) await writeFile(path.join(service, 'image/entrypoint.sh'), entrypoint);
  if (loader !== undefined) await replace(path.join(service, 'infra/load.js'), loader);
}

async function replace(file: string, text: string): Promise<void> {
  await rm(file);
  await writeFile(file, text);
}

/** Without the AWS settings of whoever runs the tests: the region is part of the template. */
function runOsls(cwd: string, args: readonly string[]): Promise<void> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_')));
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [OSLS, ...args], { cwd, env }, (error, stdout, stderr) =>
      error === null ? resolve() : reject(new Error(`${stdout}${stderr}`)),
    );
  });
}
