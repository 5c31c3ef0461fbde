import { CommanderError } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { awsError, checkRegion } from '../../cli/aws.ts';
import { CliError, EXIT } from '../../cli/errors.ts';
import { failureOf } from '../../cli/failure.ts';
import { report } from '../../cli/report.ts';
import { ConfigurationError, ServiceError } from '../../functions/core/words/errors.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const named = (name: string, message: string, fields = {}) =>
  Object.assign(new Error(message), { name, ...fields });

/** What it prints, and the exit code. */
function printed(error: unknown, ...argv: string[]) {
  const stdout = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const stderr = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const code = report(error, argv);
  const linesOf = (spy: typeof stdout) => spy.mock.calls.map(([line]) => String(line));
  return { code, stdout: linesOf(stdout), stderr: linesOf(stderr) };
}

describe('what an error means to a person', () => {
  it.each([
    [new CliError('it is so', 'do that', EXIT.usage), EXIT.usage],
    [new CommanderError(1, 'commander.unknownOption', "error: unknown option '--x'"), EXIT.usage],
    [new ConfigurationError('runners.yml', ['labels: none']), EXIT.usage],
    [new ServiceError({ service: 'github', operation: 'list' }, 'gone'), EXIT.unreachable],
    [
      new ServiceError({ service: 'ecs', operation: 'list' }, 'gone', { cause: named('X', 'y') }),
      EXIT.unreachable,
    ],
    [named('ThrottlingException', 'slow down', { $metadata: {} }), EXIT.unreachable],
    [named('ExitPromptError', 'left'), EXIT.interrupted],
    [Object.assign(new Error('EROFS'), { code: 'EROFS', path: '/home/x', syscall: 'mkdir' }), EXIT.usage],
    [new TypeError('undefined is not a function'), EXIT.bug],
    ['a text', EXIT.bug],
    [undefined, EXIT.bug],
  ])('should have an exit code and a fix: %s', (error, exitCode) => {
    const failure = failureOf(error);
    expect(failure.exitCode).toBe(exitCode);
    expect(failure.fix).not.toBe('');
    expect(failure.message).not.toMatch(/\n\s+at /);
  });

  it('should make of commander’s guess a fix', () => {
    const text = "error: unknown command 'statsu'\n(Did you mean status?)";
    expect(failureOf(new CommanderError(1, 'commander.unknownCommand', text))).toMatchObject({
      message: "unknown command 'statsu'",
      fix: expect.stringContaining('did you mean status?'),
    });
  });
});

describe('a value that commander refuses', () => {
  it('should be the message, and what it must be the fix', () => {
    const text = "error: option '--days <n>' argument 'x' is invalid. It must be a number of days above 0.";
    expect(failureOf(new CommanderError(1, 'commander.invalidArgument', text))).toEqual({
      message: "option '--days <n>' argument 'x' is invalid",
      fix: 'it must be a number of days above 0',
      exitCode: EXIT.usage,
    });
  });
});

describe('what AWS did not do', () => {
  const said = (name: string, message: string, fields = {}) =>
    awsError(named(name, message, fields), 'AWS could not be asked for the stack');

  it.each([
    [
      'no credentials',
      said('CredentialsProviderError', 'Could not load credentials'),
      /gave no credentials/,
      /sign in/,
    ],
    [
      'expired ones',
      said('ExpiredToken', 'The security token included in the request is expired'),
      /have expired/,
      /sign in/,
    ],
    [
      'an expired session of SSO',
      said('TokenProviderError', 'Token is expired. To refresh this SSO session run aws sso login'),
      /have expired/,
      /sign in/,
    ],
    [
      'unknown ones',
      said('InvalidClientTokenId', 'The security token included in the request is invalid.'),
      /does not know/,
      /sign in/,
    ],
    [
      'no permission',
      said('AccessDenied', 'User: x is not authorized to perform: y'),
      /not authorized/,
      /allow this identity/,
    ],
    [
      'no network',
      said('Error', 'connect ECONNREFUSED 127.0.0.1:1', { code: 'ECONNREFUSED' }),
      /ECONNREFUSED/,
      /network/,
    ],
    ['no answer', said('TimeoutError', 'Connection timed out'), /timed out/, /network/],
  ])('should tell %s from the others', (_, { message, fix, exitCode }, what, todo) => {
    expect({ message, fix, exitCode }).toEqual({
      message: expect.stringMatching(what),
      fix: expect.stringMatching(todo),
      exitCode: EXIT.unreachable,
    });
  });

  it('should name the profile that gives no credentials', () => {
    vi.stubEnv('AWS_PROFILE', 'nobody');
    expect(said('CredentialsProviderError', 'Could not load credentials').message).toContain(
      'profile nobody',
    );
  });

  it('should doubt a region that no host is found for', () => {
    const hostname = 'cloudformation.eu-west-9.amazonaws.com';
    const { fix } = said('Error', `getaddrinfo ENOTFOUND ${hostname}`, { code: 'ENOTFOUND', hostname });
    expect(fix).toMatch(/there is a region eu-west-9; did you mean eu-west-1\?/);
  });
});

describe('a region', () => {
  it.each([
    'eu-central-1',
    'us-gov-west-1',
    'cn-northwest-1',
    'us-iso-east-1',
    'eu-isoe-west-1',
    'zz-southwest-7',
  ])('should be taken, also one that is new: %s', (name) => expect(checkRegion(name)).toBe(name));

  it.each([
    ['eu-cental-1', 'did you mean eu-central-1?'],
    ['us-east1', 'did you mean us-east-1?'],
    ['eu-west-1a', 'did you mean eu-west-1?'],
    ['frankfurt', 'give one like'],
    ['', 'give one like'],
  ])('should not be taken where it cannot be one: %j', (name, fix) => {
    expect(() => checkRegion(name)).toThrow(expect.objectContaining({ fix: expect.stringContaining(fix) }));
  });
});

describe('the one place that prints a failure', () => {
  const error = new CliError('it is so', 'do that', EXIT.usage, new Error('the cause'));

  it('should print message and fix to stderr, without a stack', () => {
    const { code, stdout, stderr } = printed(error);
    expect({ code, stdout }).toEqual({ code: 2, stdout: [] });
    expect(stderr.join('\n')).toMatch(/error.* it is so\n.*fix.* do that$/);
  });

  it('should print one object to stdout with --json, wherever that stands', () => {
    const { stdout, stderr } = printed(error, 'status', '--json');
    expect(stdout.map((line) => JSON.parse(line))).toEqual([
      { error: { message: 'it is so', fix: 'do that', exitCode: 2 } },
    ]);
    expect(stderr).toEqual([]);
  });

  it('should ask for a report of what it does not expect, and show its stack to those who ask', () => {
    const bug = new TypeError('x is not a function', { cause: new Error('the cause') });
    const quiet = printed(bug).stderr.join('\n');
    expect(quiet).toMatch(/TypeError: x is not a function\n.*bug in oneshot/);
    expect(quiet).not.toMatch(/\n\s+at /);
    vi.stubEnv('ONESHOT_DEBUG', '1');
    expect(printed(bug).stderr.join('\n')).toMatch(/\n\s+at .*caused by Error: the cause/s);
  });

  it('should show no field of an error: they hold requests, and requests hold tokens', () => {
    vi.stubEnv('ONESHOT_DEBUG', '1');
    const { stderr } = printed(
      named('HttpError', 'no', { request: { headers: { authorization: 'ghs_x' } } }),
    );
    expect(stderr.join('\n')).not.toContain('ghs_x');
  });

  it('should be silent where a person left a question', () => {
    expect(printed(named('ExitPromptError', 'left'))).toEqual({ code: 130, stdout: [], stderr: [] });
  });
});
