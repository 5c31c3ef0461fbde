import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { ConfigurationError } from '../functions/core/words/errors.ts';
import { escapeForOsls } from './entrypoint.ts';

/** CodeBuild: "Max buildspec length is 25600" for one that comes with the project (AWS-37). */
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
  const whole = buildspec.replace(PLACE, (_, item: string) => item + writeCommand(folder));
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

/** One script for all files: together they are a fourteenth shorter than each by itself. Base64 needs no quotes, in a shell or YAML. */
function writeCommand(folder: string): string {
  const script = filesOf(folder).map((file) => {
    const content = readFileSync(path.join(folder, file));
    return writeFile(`image/${file}`, COMMENTED.includes(file) ? withoutComments(content) : content);
  });
  return `base64 -d <<<${gzipSync(script.join(''), { level: 9 }).toString('base64')} | gunzip | bash`;
}

/** Scripts that say much to their reader. */
const COMMENTED = ['entrypoint.sh', 'publish.sh', 'smoke-job.sh'];

/** Their comments are a third of a buildspec. Not where a text within it could have lines that begin as one. */
function withoutComments(script: Buffer): Buffer {
  const text = script.toString('utf8');
  const hasHereDocument = /(?:^|[^<])<<[^<]/m.test(text);
  return hasHereDocument ? script : Buffer.from(text.replaceAll(/^[ \t]*#(?!!).*\n/gm, ''));
}

const END = 'END-OF-THE-FILE';

function writeFile(target: string, content: Buffer): string {
  const folder = `mkdir -p '${path.posix.dirname(target)}' && `;
  const text = content.toString('utf8');
  // What bash would not write as it is: other bytes than text, a last line without its end, our own last line.
  const isPlain = /^[^\0\uFFFD]*\n$/.test(text) && !text.includes(END);
  if (isPlain) return `${folder}cat >'${target}' <<'${END}'\n${text}${END}\n`;
  return `${folder}base64 -d >'${target}' <<<${content.toString('base64')}\n`;
}
