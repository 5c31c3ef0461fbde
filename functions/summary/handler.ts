import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SNSClient } from '@aws-sdk/client-sns';
import type { Context, ScheduledEvent } from 'aws-lambda';
import { publish } from '../aws/topics.ts';
import { readWeek } from '../aws/week-figures.ts';
import { readSummaryConfiguration } from '../config.ts';
import { SERIES } from '../core/plan/summary-series.ts';
import { createReporter } from '../log.ts';
import { type SummaryPorts, summarize } from './summary.ts';

/** The SDK's own back-off is the retry: an invocation that is made again would tell some topics twice. */
const maxAttempts = 6;

/** Once a week. Throws all that went wrong together, so that the invocation counts as failed and its alarm tells. */
export async function handler(_event: ScheduledEvent, context?: Context): Promise<void> {
  const { stack, stage, region, topicArns } = readSummaryConfiguration(process.env);
  const { logger } = createReporter('summary', stage);
  if (context) logger.addContext(context);
  const [cloudWatch, sns] = [new CloudWatchClient({ maxAttempts }), new SNSClient({ maxAttempts })];
  const ports: SummaryPorts = {
    readFigures: (week) => readWeek(cloudWatch, stage, SERIES, week),
    publish: (topicArn, summary) => publish(sns, topicArn, summary),
  };
  const { summary, errors } = await summarize(ports, { stack, region, topicArns, nowMs: Date.now() });
  logger.info('the week', { subject: summary.subject, text: summary.message, topics: topicArns.length });
  if (errors.length > 0) throw new AggregateError(errors, errors.map(({ message }) => message).join('; '));
}
