import { describe, expect, it } from 'vitest';
import { readSummaryConfiguration } from '../../functions/config.ts';
import { ServiceError } from '../../functions/core/words/errors.ts';
import { type SummaryPorts, summarize } from '../../functions/summary/summary.ts';

const [ONE, OTHER] = ['a', 'b'].map((name) => `arn:aws:sns:eu-central-1:123456789012:${name}`) as [
  string,
  string,
];
const CONTEXT = {
  ...{ stack: 'oneshot-prod', region: 'eu-central-1', topicArns: [ONE, OTHER] },
  nowMs: Date.parse('2026-11-30T07:00:00Z'),
};

function portsWith(changes: Partial<SummaryPorts> = {}) {
  const told: string[] = [];
  const ports: SummaryPorts = {
    readFigures: async () => ({ totals: new Map(), stuck: [], problems: [] }),
    publish: async (topicArn, { subject }) => void told.push(`${topicArn} ${subject}`),
    ...changes,
  };
  return { ports, told };
}

describe('the weekly summary', () => {
  it('should be told to every topic', async () => {
    const { ports, told } = portsWith();
    expect((await summarize(ports, CONTEXT)).errors).toEqual([]);
    const subject = 'oneshot-prod: 0 launches, $0.00 in the week to 2026-11-29';
    expect(told).toEqual([`${ONE} ${subject}`, `${OTHER} ${subject}`]);
  });

  it('should reach the others where one topic refuses it, and be an error that names the topic', async () => {
    const told: string[] = [];
    const publish = async (arn: string) => {
      if (arn === ONE)
        throw new ServiceError({ service: 'sns', operation: 'Publish', status: 403 }, 'denied');
      told.push(arn);
    };
    const { errors } = await summarize(portsWith({ publish }).ports, CONTEXT);
    expect(told).toEqual([OTHER]);
    expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining(ONE)]);
  });

  it('should be told to nobody where nothing can be read: the alarm tells instead', async () => {
    const { ports, told } = portsWith({ readFigures: () => Promise.reject(new Error('throttled')) });
    await expect(summarize(ports, CONTEXT)).rejects.toThrow('throttled');
    expect(told).toEqual([]);
  });

  it('should be refused a configuration that has no topic, with every problem', () => {
    const environment = { ONESHOT_STACK: 's', ONESHOT_STAGE: 'dev', AWS_REGION: 'eu-central-1' };
    const topics = { ONESHOT_SUMMARY_TOPICS: `${ONE},${OTHER}` };
    expect(readSummaryConfiguration({ ...environment, ...topics })).toMatchObject({
      topicArns: [ONE, OTHER],
    });
    expect(() => readSummaryConfiguration({})).toThrow(/ONESHOT_STACK[\s\S]*ONESHOT_SUMMARY_TOPICS/);
    expect(() => readSummaryConfiguration({ ...environment, ONESHOT_SUMMARY_TOPICS: 'ops' })).toThrow(/ARN/);
  });
});
