import { type Figures, type Summary, tellSummary, type Week, weekBefore } from '../core/plan/tell-summary.ts';
import { describeError } from '../core/words/errors.ts';

export interface SummaryPorts {
  /** Reads a week of the stack's own metrics, in one call. Throws ServiceError. */
  readFigures(week: Week): Promise<Figures>;
  /** Sends to one topic. Throws ServiceError. */
  publish(topicArn: string, summary: Summary): Promise<void>;
}

export interface SummaryContext {
  readonly stack: string;
  readonly region: string;
  readonly topicArns: readonly string[];
  readonly nowMs: number;
}

export interface SummaryReport {
  readonly summary: Summary;
  /** Topics that refused it. */
  readonly errors: readonly Error[];
}

/** Tells every topic what the last week was like; one that fails keeps it from no other. Throws where nothing can be read. */
export async function summarize(
  ports: SummaryPorts,
  { stack, region, topicArns, nowMs }: SummaryContext,
): Promise<SummaryReport> {
  const week = weekBefore(nowMs);
  const summary = tellSummary(await ports.readFigures(week), week, { stack, region });
  const sent = await Promise.allSettled(topicArns.map((arn) => ports.publish(arn, summary)));
  const errors = sent.flatMap((one, index) =>
    one.status === 'rejected'
      ? [new Error(`${topicArns[index]}: ${describeError(one.reason)}`, { cause: one.reason })]
      : [],
  );
  return { summary, errors };
}
