import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CliError } from '../errors.ts';
import { serviceRoot } from '../package-root.ts';
import { toTerminal } from '../terminal.ts';
import { oslsHome } from './osls-home.ts';

/** What osls is run with. */
export interface OslsRun {
  readonly args: readonly string[];
  readonly stage: string;
  /** As osls finds it where none is given. */
  readonly region: string | undefined;
  /** The folder that has the `runners.yml` to be deployed. */
  readonly policyFolder: string;
  /** Print what osls prints only if it fails. */
  readonly isQuiet: boolean;
  /** What did not happen where osls fails, in words. */
  readonly failure: string;
}

/**
 * Runs osls on the service with the policy of a folder, in a folder of its own: the package may lie where nothing can be
 * written, and two stages may be deployed at once. What osls prints is progress and goes to stderr. Throws CliError.
 */
export async function runOsls({ args, stage, region, isQuiet, ...run }: OslsRun): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'oneshot-'));
  try {
    await layOut(folder, run.policyFolder);
    const where = ['--stage', stage, ...(region === undefined ? [] : ['--region', region])];
    const { code, printed } = await start(folder, [...args, ...where], isQuiet, await oslsHome(folder));
    if (code === 0) return;
    if (isQuiet) console.error(toTerminal(printed, process.stderr));
    throw new CliError(`${run.failure} (see above)`, 'fix what it names, then run the same command again');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The service, with the policy of a folder, and over the image's files those that its `image/` has, if there is one. */
async function layOut(folder: string, policyFolder: string): Promise<void> {
  const service = serviceRoot();
  await cp(path.join(service, 'serverless.yml'), path.join(folder, 'serverless.yml'));
  await cp(path.join(policyFolder, 'runners.yml'), path.join(folder, 'runners.yml'));
  // A link: modules are loaded from where they really are, with what they import.
  await symlink(path.join(service, 'infra'), path.join(folder, 'infra'), 'junction');
  for (const from of [service, policyFolder].map((folder) => path.join(folder, 'image')))
    if (existsSync(from)) await cp(from, path.join(folder, 'image'), { recursive: true });
}

interface Ended {
  readonly code: number | null;
  /** Nothing where it went to stderr. */
  readonly printed: string;
}

function start(
  cwd: string,
  args: readonly string[],
  isQuiet: boolean,
  variables: Readonly<Record<string, string>>,
): Promise<Ended> {
  const osls = createRequire(import.meta.url).resolve('serverless/bin/serverless.js');
  const output = isQuiet ? 'pipe' : 2;
  const env = { ...process.env, ...variables };
  const child = spawn(process.execPath, [osls, ...args], { cwd, env, stdio: ['ignore', output, output] });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, printed: Buffer.concat(chunks).toString() }));
  });
}
