import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '../..');

/** The package, packed and installed in an empty folder of its own, with no more beside it than it declares. */
export interface Installed {
  /** The user's folder. */
  readonly folder: string;
  /** The command line's file. */
  readonly program: string;
  /** What was packed: each file with its size, as `npm pack` reports it. */
  readonly packed: {
    readonly size: number;
    readonly unpackedSize: number;
    readonly files: readonly { readonly path: string; readonly size: number }[];
  };
  run(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended>;
  remove(): Promise<void>;
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const versionOf = (node: string): string => execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();

/** The first Node on PATH that this project did not bring itself, and where there is none the one that runs the tests. */
export const NODE =
  (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => path.join(folder, 'node'))
    .find(existsSync) ?? process.execPath;

/** For the title of a test. */
export const NODE_VERSION = versionOf(NODE);

/** The Node of a user of the package: the machine's own, if the package supports it. */
const USER_NODE = /^v(2[246]|[3-9]\d)\./.test(NODE_VERSION) ? NODE : process.execPath;

/** For the title of a test. */
export const USER_NODE_VERSION = versionOf(USER_NODE);

const PACKAGE = 'oneshot-runners';

export async function installPackage(): Promise<Installed> {
  const home = await mkdtemp(path.join(tmpdir(), 'oneshot-package-'));
  const folder = path.join(home, 'runners');
  await mkdir(folder);
  const modules = path.join(folder, 'node_modules');
  const [packed] = JSON.parse(await npm('pack', '--json', '--pack-destination', folder));
  await mkdir(path.join(modules, PACKAGE), { recursive: true });
  const archive = path.join(folder, packed.filename);
  execFileSync('tar', ['-xzf', archive, '-C', path.join(modules, PACKAGE), '--strip-components=1']);
  await rm(archive);
  const manifest = JSON.parse(await readFile(path.join(modules, PACKAGE, 'package.json'), 'utf8'));
  for (const name of Object.keys(manifest.dependencies))
    await symlink(path.join(ROOT, 'node_modules', name), path.join(modules, name));
  const program = path.join(modules, PACKAGE, manifest.bin.oneshot);
  return {
    ...{ folder, program, packed },
    run: (args, environment = {}) => run(program, args, folder, { HOME: home, ...environment }),
    remove: () => rm(home, { recursive: true, force: true }),
  };
}

function npm(...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('npm', args, { cwd: ROOT }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    );
  });
}

/** In a shell that knows nothing of AWS, but for what `environment` says. */
function run(
  program: string,
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>>,
): Promise<Ended> {
  const PATH = [path.dirname(USER_NODE), process.env['PATH']].join(path.delimiter);
  const env = { PATH, NO_COLOR: '1', AWS_EC2_METADATA_DISABLED: 'true', ...environment };
  return new Promise((resolve) => {
    execFile(USER_NODE, [program, ...args], { cwd, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}
