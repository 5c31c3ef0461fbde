import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { ConfigurationError } from '../functions/core/errors.ts';
import { escapeForOsls } from './entrypoint.ts';

/** CodeBuild: "Max buildspec length is 25600" for one that comes with the project (aws/aws-cdk#30326). */
const LONGEST_BUILDSPEC = 25_600;

/** The files of the folder that no build needs. */
const NOT_BUILT = ['README.md', 'buildspec.yml'];

/** The line of the buildspec in whose place the files are put. */
const PLACE = /^( *- )FILES$/m;

/**
 * The buildspec of a folder with the folder's other files inside: the image pipeline then needs no repository and
 * no bucket to read from, and a rollback of the deployment is one of the image's files too.
 */
export function loadBuildspec(folder: string): string {
  const buildspec = readFileSync(path.join(folder, 'buildspec.yml'), 'utf8');
  if (!PLACE.test(buildspec)) throw new ConfigurationError(`${folder}/buildspec.yml`, ['has no line FILES']);
  const commands = filesOf(folder).map((file) => writeCommand(folder, file));
  const whole = buildspec.replace(PLACE, (_, item: string) => commands.map((it) => item + it).join('\n'));
  if (whole.length > LONGEST_BUILDSPEC) throw new ConfigurationError(folder, [tooLong(whole.length)]);
  return escapeForOsls(whole);
}

const tooLong = (length: number): string =>
  `makes a buildspec of ${length} characters; CodeBuild takes ${LONGEST_BUILDSPEC}. Have the Dockerfile download what is large`;

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((file) => !NOT_BUILT.includes(file))
    .toSorted();

/** Base64 needs no quotes, in a shell or in YAML. */
function writeCommand(folder: string, file: string): string {
  const content = gzipSync(readFileSync(path.join(folder, file)), { level: 9 }).toString('base64');
  const target = `image/${file}`;
  return `mkdir -p '${path.posix.dirname(target)}' && base64 -d <<<${content} | gunzip >'${target}'`;
}
