import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
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
  /** The service: a folder of `withService`. By default one of its own, with the `runners.yml` of this folder. */
  readonly service?: string;
  /** Print what osls prints only if it fails. */
  readonly isQuiet: boolean;
  /** What is packaged is to be deployed: the account is asked what stands against it, and for its zones. */
  readonly asksAccount?: boolean;
  /** Why it failed, where that is known better than by what osls prints, which is not printed then. */
  readonly explain?: () => Promise<CliError | undefined>;
  /** What did not happen where osls fails, in words. */
  readonly failure: string;
}

/** Runs osls on the service. What it prints is progress and goes to stderr. Throws CliError. */
export async function runOsls({ args, stage, region, isQuiet, ...run }: OslsRun): Promise<void> {
  if (run.service === undefined)
    return withService((service) => runOsls({ args, stage, region, isQuiet, ...run, service }));
  const where = ['--stage', stage, ...(region === undefined ? [] : ['--region', region])];
  const environment = {
    ...(await oslsHome(run.service)),
    ...(run.asksAccount && { ONESHOT_ASKS_ACCOUNT: '1' }),
  };
  const { code, printed } = await start(run.service, [...args, ...where], isQuiet, environment);
  if (code === 0) return;
  const known = await run.explain?.();
  if (known !== undefined) throw known;
  if (isQuiet) console.error(toTerminal(printed, process.stderr));
  throw new CliError(`${run.failure} (see above)`, 'fix what it names, then run the same command again');
}

/**
 * The service with the policy of this folder, in a folder of its own that is gone afterwards: the package may lie where
 * nothing can be written, and two stages may be deployed at once.
 */
export async function withService<T>(use: (service: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'oneshot-'));
  try {
    await layOut(folder, process.cwd());
    return await use(folder);
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
  /** What was not printed at once. */
  readonly printed: string;
}

function start(
  cwd: string,
  args: readonly string[],
  isQuiet: boolean,
  environment: Readonly<Record<string, string>>,
): Promise<Ended> {
  const osls = createRequire(import.meta.url).resolve('serverless/bin/serverless.js');
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, [osls, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const kept: string[] = [];
  const take = (line: string) => {
    if (OF_STACK.test(line)) return;
    if (isQuiet) kept.push(line);
    else console.error(toTerminal(line, process.stderr));
  };
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', take);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, printed: kept.join('\n') }));
  });
}

/** osls prints where in its own code it failed, which helps nobody to fix their deployment. */
const OF_STACK = /^\s+at \S.*[:(]|^(Environment|Docs): /;
