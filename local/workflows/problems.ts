/** What is wrong with workflows, where, and what to do about it. */
import { distance } from 'fastest-levenshtein';

export interface Problem {
  /** From the folder: `.github/workflows/ci.yml`. */
  readonly file: string;
  /** Both from 1. Absent where the file as a whole is meant. */
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
  readonly fix: string;
}

/** All problems of all files, in one message. */
export class WorkflowError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(describe).join('\n'));
    this.name = 'WorkflowError';
    this.problems = problems;
  }
}

function describe({ file, line, column, message, fix }: Problem): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  return `${place}: ${message.replace(/\.$/, '')}. ${fix}`;
}

const SYNTAX = 'docs.github.com, Workflow syntax for GitHub Actions';
const CONTEXTS = 'docs.github.com, Contexts reference, Context availability';

/** What to do about a message of GitHub's parser. `names`: all keys that a workflow can have. */
export function fixOf(message: string, names: readonly string[]): string {
  for (const [pattern, fix] of FIXES) {
    const found = pattern.exec(message);
    if (found !== null) return fix(found[1] ?? '', names);
  }
  return `See ${SYNTAX}.`;
}

type Fix = (word: string, names: readonly string[]) => string;

const FIXES: readonly (readonly [RegExp, Fix])[] = [
  [/^Unexpected value '(.*)'$/s, (word, names) => nearest(word, names) ?? `Take it out, or see ${SYNTAX}.`],
  [/^'(.*)' is already defined/, (word) => `Keep one ${word}.`],
  [/^Required property is missing: (.+)/, (word) => `Add ${word}.`],
  [/^There's not enough info/, () => 'Add one of them.'],
  [/^Unrecognized named-value: '(.+)'/, (word) => `${word} cannot be used here: see ${CONTEXTS}.`],
  [/^Unrecognized function: '(.+)'/, (word) => `${word} cannot be called here: see ${CONTEXTS}.`],
  [
    /^(?:Unexpected (?:symbol|end of expression)|Too (?:few|many) parameters)/,
    () => 'Correct the expression.',
  ],
  [/expression is not closed/, () => 'Close it with }}.'],
  [/template expression is not allowed/, () => 'Write the value itself.'],
  [/depends on unknown job '(.+)'/, (word) => `Name a job of this file instead of ${word}.`],
  [/creates a cycle/, () => 'Take one of these needs out.'],
  [/at least one job with no dependencies/, () => 'Take the needs of one job out.'],
  [/^The identifier '/, () => 'Give it another id.'],
];

/** A key that differs by a letter or two. */
function nearest(word: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((name) => ({ name, far: distance(word, name) }))
    .filter(({ name, far }) => far > 0 && far <= Math.min(2, name.length / 3))
    .sort((a, b) => a.far - b.far);
  return best && `Did you mean ${best.name}?`;
}
