import { describe, expect, it, vi } from 'vitest';
import type { Doubt } from '../../functions/core/plan/doubt.ts';
import { tellLaunch } from '../../functions/core/plan/tell-launch.ts';
import type { GitHubFault } from '../../functions/core/words/errors.ts';
import type { LaunchOutcome, RefusalKind } from '../../functions/core/words/outcomes.ts';
import { report } from '../../functions/reconcile/report.ts';
import type { Reporting } from '../../functions/reconcile/reporting.ts';
import { POLICY } from '../fixtures/policy.ts';
import { PREFIX, WEB } from '../fixtures/tasks.ts';

const PARAMETERS = '/oneshot/dev/github';
const LAUNCH = { scope: 'orgs/acme', runnerGroup: 7 } as const;

const tell = (outcome: object) =>
  tellLaunch({ step: 'jit-config', runnerName: 'x', ...outcome } as LaunchOutcome, LAUNCH, PARAMETERS);
const refused = (refusal: RefusalKind, fault?: GitHubFault) =>
  tell({ kind: 'refused', refusal, detail: 'github mint token: no (status 401)', ...(fault && { fault }) });

describe('what the log says of a launch', () => {
  it('should be no warning where it went well, or was made before', () => {
    expect(tell({ kind: 'launched' }).level).toBe('info');
    expect(tell({ kind: 'taken' }).level).toBe('info');
  });

  it.each<[RefusalKind, string]>([
    ['secondary-limit', 'warn'],
    ['no-capacity', 'warn'],
    ['not-permitted', 'error'],
    ['not-found', 'error'],
    ['invalid-request', 'error'],
  ])('should be as loud as what it asks of people: %s is %s', (refusal, level) => {
    expect(refused(refusal)).toMatchObject({ level, scope: 'orgs/acme', runnerGroup: 7 });
  });

  it('should name group, scope, parameter and the call that failed in one sentence', () => {
    expect(refused('not-permitted', 'app-key').message).toBe(
      'GitHub does not accept the App’s private key: put a private key that the App has now into the parameter ' +
        '/oneshot/dev/github/private-key, and the id of the same App into /oneshot/dev/github/app-id ' +
        '(orgs/acme, runner group 7; github mint token: no (status 401))',
    );
    expect(refused('not-found', 'runner-group').message).toMatch(
      /^GitHub shows the App no runner group 7 at orgs\/acme: correct runnerGroup or runnerGroupId/,
    );
  });

  it('should say where, too, of a launch that got no answer', () => {
    const { level, message } = tell({ kind: 'unknown', detail: 'github create JIT config: lost' });
    expect(level).toBe('warn');
    expect(message).toMatch(/\(orgs\/acme, runner group 7; github create JIT config: lost\)$/);
  });
});

describe('what the log says of a reconcile', () => {
  const DOUBT = { repository: WEB } as unknown as Doubt;
  const linesOf = (done: object): [string, string][] => {
    const lines: [string, string][] = [];
    const say = (level: string) => (message: string) => void lines.push([level, message]);
    const logger = { info: say('info'), warn: say('warn'), error: say('error') };
    const reporter = { logger, count: vi.fn(), seconds: vi.fn() } as unknown as Reporting['reporter'];
    const policy = { ...POLICY, runnerGroup: 7 };
    const again = { kind: 'again', doubt: DOUBT };
    const settled = { plan: undefined, look: undefined, launches: [], stuck: [], next: again };
    report({ kind: 'reconciled', doubt: DOUBT, report: { ...settled, ...done } } as never, 'm', {
      ...{ prefix: PREFIX, policy, parameterPath: PARAMETERS, reporter },
    });
    return lines;
  };
  const planOf = (reason: string) => ({
    plan: {
      launches: [],
      matched: [],
      leftAlone: [],
      waiting: [
        { jobId: 5, reason },
        { jobId: 6, reason },
      ],
    },
  });

  it('should name the group that leaves a repository out, once for all its jobs', () => {
    const warnings = linesOf(planOf('group-excludes-repository')).filter(([level]) => level !== 'info');
    expect(warnings).toEqual([
      [
        'warn',
        expect.stringMatching(/runner group .* \(orgs\/acme, runner group 7; acme\/web, jobs 5, 6\)$/),
      ],
    ]);
    expect(linesOf(planOf('backing-off')).filter(([level]) => level !== 'info')).toEqual([]);
  });

  it('should say why a repository could not be read, and what to correct', () => {
    expect(linesOf({ problem: 'github list runs: no', fault: 'app-key' })).toEqual([
      [
        'error',
        expect.stringMatching(/private key: .*\/oneshot\/dev\/github\/private-key.*github list runs: no\)$/),
      ],
    ]);
    expect(linesOf({ problem: 'github list runs: no' })).toEqual([
      ['warn', 'the repository could not be read (github list runs: no)'],
    ]);
  });
});
