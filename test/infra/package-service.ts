import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { inject } from 'vitest';
import { copyService, runOsls, type StandIns } from './osls.ts';
import { resolveConditions, type Template } from './template.ts';

export interface PackageOptions extends StandIns {
  /** Values for `--param`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** More of the command line: `--stage prod`. */
  readonly flags?: readonly string[];
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

function keyOf({ parameters = {}, flags = [], entrypoint, loader, runners }: PackageOptions): string {
  const text = JSON.stringify([parameters, flags, entrypoint, loader, runners]);
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
