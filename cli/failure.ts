import { CommanderError } from 'commander';
import { ConfigurationError, ServiceError } from '../functions/core/words/errors.ts';
import { isAwsError, toAwsError } from './aws.ts';
import { CliError, EXIT, type ExitCode } from './errors.ts';

/** How a command ended that did not do what it was asked for: what happened, and what the person does about it. */
export interface Failure {
  readonly message: string;
  readonly fix: string;
  readonly exitCode: ExitCode;
  /** It is known already, to the person who caused it or by what stands on the screen. */
  readonly isQuiet?: true;
}

/** The one place that says what an error means to a person. Pure. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CliError) return { message: error.message, fix: error.fix, exitCode: error.exitCode };
  if (error instanceof CommanderError) return ofCommandLine(error);
  if (error instanceof ConfigurationError)
    return { message: error.message, fix: 'correct what is listed, then try again', exitCode: EXIT.usage };
  if (error instanceof ServiceError) return ofService(error);
  // The person left a question.
  if (Object(error).name === 'ExitPromptError')
    return {
      message: 'interrupted at a question',
      fix: 'run it again',
      exitCode: EXIT.interrupted,
      isQuiet: true,
    };
  if (isAwsError(error)) return failureOf(toAwsError(error));
  return ofSystem(error) ?? ofBug(error);
}

function ofCommandLine({ code, message, exitCode }: CommanderError): Failure {
  if (exitCode === 0) return { message: '', fix: '', exitCode: EXIT.fine, isQuiet: true };
  const usage = { exitCode: EXIT.usage } as const;
  // It has printed its help.
  if (code === 'commander.help')
    return { message: 'no command is given', fix: 'give one that --help lists', ...usage, isQuiet: true };
  const { what, fix } = readSentence(message.replace(/^error: /, ''));
  return { message: what, fix, ...usage };
}

/**
 * Commander's are "unknown option '--reigon'", with "(Did you mean --region?)" on a line of its own, and "option '--days'
 * argument 'x' is invalid. It must be a number.", where the second sentence is what our parser threw.
 */
function readSentence(text: string): { readonly what: string; readonly fix: string } {
  const [, unknown = '', guess = ''] = /^(.*)\n\(Did you mean (.*)\?\)$/s.exec(text) ?? [];
  if (guess !== '') return { what: unknown, fix: `did you mean ${guess}? --help lists all` };
  const [, invalid = '', must = ''] = /^(.* is invalid)\. (.*?)\.?$/s.exec(text) ?? [];
  if (must !== '') return { what: invalid, fix: must.charAt(0).toLowerCase() + must.slice(1) };
  return { what: text, fix: '--help of the command shows how it is called' };
}

function ofService(error: ServiceError): Failure {
  const { facts, cause } = error;
  if (facts.service !== 'github') return failureOf(toAwsError(cause ?? error, error.message));
  const fix =
    facts.status === undefined
      ? 'check the network, any proxy, and githubstatus.com, then try again'
      : 'run oneshot doctor: it checks every link of the chain';
  return { message: error.message, fix, exitCode: EXIT.unreachable };
}

/** What the machine did not allow, by Node's code. */
const SYSTEM: Readonly<Record<string, readonly [what: string, fix: string]>> = {
  EACCES: ['permission denied', 'allow it, or use another folder'],
  EPERM: ['permission denied', 'allow it, or use another folder'],
  EROFS: [
    'it is on a read-only file system',
    'use another folder, or set HOME or TMPDIR to one that can be written',
  ],
  ENOSPC: ['no space is left', 'make room, or set TMPDIR to a folder with room'],
  EDQUOT: ['no space is left', 'make room, or set TMPDIR to a folder with room'],
  ENOENT: ['it does not exist', 'create it, or give another; TMPDIR must name a folder'],
  ENOTDIR: ['it is not a folder', 'give a folder'],
  EISDIR: ['it is a folder', 'give a file'],
  EMFILE: ['too many files are open', 'allow this shell more (ulimit -n)'],
};

function ofSystem(error: unknown): Failure | undefined {
  const { code = '', path: file, syscall = 'access' } = Object(error) as NodeJS.ErrnoException;
  const [what, fix] = SYSTEM[code] ?? [];
  if (what === undefined || fix === undefined || file === undefined) return undefined;
  return { message: `${file}: ${what} (${syscall}, ${code})`, fix, exitCode: EXIT.usage };
}

function ofBug(error: unknown): Failure {
  const { name, message } = error instanceof Error ? error : { name: 'thrown', message: String(error) };
  return {
    message: `oneshot failed unexpectedly: ${name}: ${message}`,
    fix: 'this is a bug in oneshot: run the command again with ONESHOT_DEBUG=1, and report what it prints as an issue of the repository',
    exitCode: EXIT.bug,
  };
}
