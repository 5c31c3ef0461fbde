import { isLasting, type LaunchOutcome } from '../words/outcomes.ts';
import { explain } from '../words/reasons.ts';
import { remedyOf } from '../words/remedies.ts';
import type { Launch } from './decide-launch.ts';

/** How a launch stands in the log: one sentence, as loud as what it asks of people. */
export interface Told {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  /** Where it was launched, of one that went wrong. */
  readonly scope?: string;
  readonly runnerGroup?: Launch['runnerGroup'];
}

/** `parameterPath` is where the App's parameters are. `launch` is unknown of an outcome that fits no plan. */
export function tellLaunch(
  outcome: LaunchOutcome,
  launch: Pick<Launch, 'scope' | 'runnerGroup'> | undefined,
  parameterPath: string,
): Told {
  if (outcome.kind === 'launched' || outcome.kind === 'taken')
    return { level: 'info', message: explain(outcome.kind) };
  const { scope = 'an unknown scope', runnerGroup = 1 } = launch ?? {};
  const where = `${scope}, runner group ${runnerGroup}`;
  const about = { scope, runnerGroup };
  if (outcome.kind === 'unknown')
    return { level: 'warn', message: `${explain('unknown')} (${where}; ${outcome.detail})`, ...about };
  const remedy = remedyOf(outcome.fault ?? outcome.refusal, { ...about, parameterPath });
  const message = `${remedy} (${where}; ${outcome.detail})`;
  return { level: isLasting(outcome) ? 'error' : 'warn', message, ...about };
}
