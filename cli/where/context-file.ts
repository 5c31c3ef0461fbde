/** `oneshot.yml`: which deployment the commands of a folder mean. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { type Document, parseDocument } from 'yaml';
import { ConfigurationError } from '../../functions/core/words/errors.ts';
import { didYouMean } from '../../functions/did-you-mean.ts';
import { CliError, EXIT } from '../errors.ts';
import { replaceFile } from '../replace-file.ts';
import { GITHUB_URL, PROFILE, REGION, type Rule, STAGE } from './rules.ts';

/** Beside `runners.yml`; read in the current folder only, as that one is. */
export const CONTEXT_FILE = 'oneshot.yml';

const textOf = ({ isValid, must, guess }: Rule) =>
  v.pipe(
    v.string(`must be text: ${must}`),
    v.check(isValid, ({ input }) => `must be ${must}${guess?.(input) ?? ''}`),
  );

const mapping = v.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be a mapping',
);

/** As `strictObject`, which tells of the first unknown key only. */
const strict = <Entries extends v.ObjectEntries>(entries: Entries, suggest: (key: string) => string) =>
  v.pipe(
    mapping,
    v.looseObject(entries),
    v.rawCheck(({ dataset: { value }, addIssue }) => {
      for (const key of Object.keys(Object(value)).filter((key) => !Object.hasOwn(entries, key)))
        addIssue({
          message: `is not a known key${suggest(key)}`,
          path: [{ type: 'object', origin: 'key', input: Object(value), key, value: undefined }],
        });
    }),
  );

const STAGE_KEYS = {
  region: v.optional(textOf(REGION)),
  profile: v.optional(textOf(PROFILE)),
  githubUrl: v.optional(textOf(GITHUB_URL)),
};
const STAGE_SCHEMA = strict(STAGE_KEYS, (key) => didYouMean(key, NAMES_OF_STAGE));
const NAMES_OF_STAGE = Object.keys(STAGE_KEYS);

const FILE_KEYS = {
  stage: textOf(STAGE),
  stages: v.optional(v.pipe(mapping, v.record(textOf(STAGE), STAGE_SCHEMA)), {}),
};
/** A stage's key at the top is the likeliest slip: one file may have several stages. */
const FILE_SCHEMA = strict(FILE_KEYS, (key) =>
  NAMES_OF_STAGE.includes(key)
    ? `: write it below the stage's name, as stages.prod.${key}`
    : didYouMean(key, [...Object.keys(FILE_KEYS), ...NAMES_OF_STAGE]),
);

/** How one stage is reached. No field can hold a secret. */
export type StageContext = v.InferOutput<typeof STAGE_SCHEMA>;
/** The stage that commands mean, and how each stage is reached. */
export type ContextFile = v.InferOutput<typeof FILE_SCHEMA>;

/** Throws CliError with every problem at once, each with its key and the fix. */
function parseContextFile(text: string): ContextFile {
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken !== undefined) return refuse([broken.message]);
  const read = v.safeParse(FILE_SCHEMA, document.toJS() ?? {});
  return read.success ? read.output : refuse(read.issues.map(problemOf));
}

function refuse(problems: readonly string[]): never {
  const { message } = new ConfigurationError(CONTEXT_FILE, problems);
  throw new CliError(
    message,
    'correct it there, or delete it and write it again: oneshot use STAGE',
    EXIT.usage,
  );
}

const problemOf = (issue: v.InferIssue<typeof FILE_SCHEMA>): string =>
  `${v.getDotPath(issue) ?? 'the file'} ${issue.received === 'undefined' && issue.kind === 'schema' ? 'is missing' : issue.message}`;

/** What stands in the folder's file; `undefined` where there is none. Throws CliError. */
export async function readContextFile(folder: string): Promise<ContextFile | undefined> {
  const text = await readText(folder);
  return text === undefined ? undefined : parseContextFile(text);
}

function readText(folder: string): Promise<string | undefined> {
  return readFile(path.join(folder, CONTEXT_FILE), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw new CliError(
      `${CONTEXT_FILE} cannot be read: ${cause.message}`,
      'make it readable',
      EXIT.usage,
      cause,
    );
  });
}

const HEADER = `# Which deployment the commands in this folder mean, where neither the command line nor the environment says it.
# It holds no secret: keep it in version control. A profile is a name in ~/.aws/config. \`oneshot use STAGE\` changes it.
`;

/** Makes a stage the one that commands mean, with what is given of it; all else in the file stays, comments too. */
export function useStage(folder: string, stage: string, values: StageContext): Promise<void> {
  return write(folder, stage, values, (document) => document.set('stage', stage));
}

/** Keeps how a stage is reached; where there was no file, commands mean this stage from now on. */
export function keepStage(folder: string, stage: string, values: StageContext): Promise<void> {
  return write(folder, stage, values, () => undefined);
}

async function write(
  folder: string,
  stage: string,
  values: StageContext,
  change: (document: Document) => void,
): Promise<void> {
  const text = (await readText(folder)) ?? `${HEADER}stage: ${stage}\n`;
  parseContextFile(text);
  const document = parseDocument(text);
  change(document);
  for (const [name, value] of Object.entries(values))
    if (value !== undefined) document.setIn(['stages', stage, name], value);
  // As a whole: a command beside this one reads it.
  await replaceFile(path.join(folder, CONTEXT_FILE), document.toString({ lineWidth: 0 })).catch(
    (cause: Error) => {
      throw new CliError(
        `${CONTEXT_FILE} cannot be written: ${cause.message}`,
        'make this folder writable, or name the deployment with --stage, --region and --profile',
        EXIT.usage,
        cause,
      );
    },
  );
}
