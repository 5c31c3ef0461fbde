import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { resolveConditions, type Template } from './template.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const OSLS = path.join(ROOT, 'node_modules/serverless/bin/serverless.js');

export interface PackageOptions {
  /** Values for `--param`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** More of the command line: `--stage prod`. */
  readonly flags?: readonly string[];
  /** Stands in for image/entrypoint.sh. */
  readonly entrypoint?: string;
}

export interface Packaged {
  /** Where the package was written: the zips, the template, osls's state. */
  readonly directory: string;
  /** As CloudFormation gets it. */
  readonly template: Template;
  /** As CloudFormation reads it: conditions decided, what they rule out left out. */
  readonly resolved: Template;
}

/** Runs `serverless package` offline on a temporary copy of the service. Rejects with what osls printed. */
export async function packageService(options: PackageOptions = {}): Promise<Packaged> {
  const service = await copyService(options);
  const directory = path.join(service, 'package');
  const parameters = Object.entries(options.parameters ?? {}).flatMap(([name, value]) => [
    '--param',
    `${name}=${value}`,
  ]);
  await runOsls(service, ['package', '--package', directory, ...parameters, ...(options.flags ?? [])]);
  const text = await readFile(path.join(directory, 'cloudformation-template-update-stack.json'), 'utf8');
  return { directory, template: JSON.parse(text), resolved: resolveConditions(JSON.parse(text)) };
}

const copies: string[] = [];

/** For `afterAll`: takes away what this file's packagings left in the temporary folder. */
export async function removePackages(): Promise<void> {
  await Promise.all(copies.splice(0).map((copy) => rm(copy, { recursive: true, force: true })));
}

async function copyService({ entrypoint }: PackageOptions): Promise<string> {
  const service = await mkdtemp(path.join(tmpdir(), 'oneshot-package-'));
  copies.push(service);
  for (const name of ['functions', 'infra', 'node_modules', 'package.json'])
    await symlink(path.join(ROOT, name), path.join(service, name));
  for (const name of ['serverless.yml', 'runners.yml', 'image'])
    await cp(path.join(ROOT, name), path.join(service, name), { recursive: true });
  if (entrypoint !== undefined) await writeFile(path.join(service, 'image/entrypoint.sh'), entrypoint);
  return service;
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
