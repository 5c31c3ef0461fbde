import type { Finding } from '../doctor/link.ts';
import { EXIT, type ExitCode } from '../errors.ts';

/** What a look at a folder and its deployment has shown. */
export type Seen =
  | { readonly kind: 'no-policy' }
  | { readonly kind: 'not-deployed' | 'unfinished'; readonly stack: string; readonly region: string }
  | { readonly kind: 'no-app'; readonly stack: string; readonly region: string }
  | {
      readonly kind: 'examined';
      readonly stack: string;
      readonly region: string;
      readonly findings: readonly Finding[];
    };

/** Where things stand, and what to do about it. */
export interface Overview {
  readonly state: 'no-policy' | 'not-deployed' | 'unfinished' | 'no-app' | 'faulty' | 'healthy';
  readonly stack?: string;
  readonly region?: string;
  /** In a sentence. */
  readonly summary: string;
  readonly faults: readonly { readonly id: string; readonly what: string; readonly fix: string }[];
  /** Commands, the likeliest first, each with what it is for. */
  readonly next: readonly { readonly command: string; readonly why: string }[];
  readonly exitCode: ExitCode;
}

const to = (command: string, why: string) => ({ command: `oneshot ${command}`, why });

const SET_UP = [
  to('setup --deploy', 'deploys, makes the GitHub App with you, and shows a first job'),
  to('deploy', 'deploys only'),
];
const LOOK = [
  to('status', 'what waits and runs'),
  to('console', 'the same as a page, live'),
  to('cost', 'what it has cost'),
  to('doctor', 'checks every link'),
];

/** What a person does next. Pure. */
export function nextStep(seen: Seen): Overview {
  if (seen.kind === 'no-policy')
    return {
      ...mustAct('no-policy', 'There is no runners.yml in this folder: nothing is set up here.'),
      next: [to('init', 'writes one: who gets runners, and of which sizes')],
    };
  const { stack, region } = seen;
  if (seen.kind === 'examined') return { stack, region, ...judge(seen.findings, `${stack} in ${region}`) };
  return { stack, region, ...unready(seen.kind, `${stack} in ${region}`) };
}

type Told = Omit<Overview, 'next'>;
const mustAct = (state: Overview['state'], summary: string): Told => ({
  state,
  summary,
  faults: [],
  exitCode: EXIT.usage,
});

function unready(kind: 'not-deployed' | 'unfinished' | 'no-app', where: string): Overview {
  if (kind === 'no-app')
    return {
      ...mustAct(kind, `${where} is deployed and has no GitHub App yet.`),
      next: [to('setup', 'makes the App with you, and shows a first job')],
    };
  if (kind === 'unfinished')
    return {
      ...mustAct(kind, `${where} is deployed in part: its deployment failed, or is older than this program.`),
      next: [to('deploy', 'deploys again'), to('teardown', 'removes what is there')],
    };
  return { ...mustAct(kind, `${where} is not deployed.`), next: SET_UP };
}

function judge(findings: readonly Finding[], where: string): Overview {
  const faults = findings.flatMap(({ id, title, verdict }) =>
    verdict.kind === 'fail' || verdict.kind === 'warn'
      ? [{ id, what: `${title}: ${verdict.seen}`, fix: verdict.fix, isFatal: verdict.kind === 'fail' }]
      : [],
  );
  const told = faults.map(({ isFatal: _, ...fault }) => fault);
  const count = faults.filter(({ isFatal }) => isFatal).length;
  if (count === 0)
    return {
      state: 'healthy',
      summary: `${where} is healthy, by ${findings.length} quick checks.`,
      faults: told,
      next: LOOK,
      exitCode: EXIT.fine,
    };
  return {
    state: 'faulty',
    summary: `${where} has ${count === 1 ? 'a fault' : `${count} faults`}.`,
    faults: told,
    next: [to('doctor', 'checks every link; fix the first that is broken')],
    exitCode: EXIT.fault,
  };
}
