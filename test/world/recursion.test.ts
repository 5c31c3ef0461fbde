import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startAws } from '../../local/aws/index.ts';
import { startEventSource } from '../../local/lambda/event-source.ts';
import { createFunction, type RecursiveLoop } from '../../local/lambda/function.ts';
import { continueTrace } from '../../local/lambda/lineage.ts';
import { readDeployment } from '../../local/world/deployment.ts';
import { createFaults } from '../../local/world/faults.ts';
import { Ledger } from '../../local/world/ledger.ts';
import { createVirtualClock } from '../../local/world/virtual-clock.ts';

/** A function that puts each message back into its own queue, as reconcile does with a doubt that it cannot settle. */
const PUTS_BACK = `
  const { SQSClient, SendMessageCommand } = require(${JSON.stringify(createRequire(import.meta.url).resolve('@aws-sdk/client-sqs'))});
  const client = new SQSClient({});
  exports.handler = async ({ Records }) => {
    for (const { body } of Records) {
      console.log('round ' + body);
      const [MessageBody, QueueUrl] = [String(Number(body) + 1), process.env.QUEUE_URL];
      const MessageDeduplicationId = MessageBody;
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId: '1', MessageDeduplicationId }));
    }
  };`;

function bundle(code: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'oneshot-recursion-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'handler.cjs');
  writeFileSync(file, code);
  return file;
}

async function openWorld() {
  const clock = createVirtualClock();
  onTestFinished(clock.hurry());
  const faults = createFaults(() => 1);
  const aws = await startAws({
    ...{
      clock,
      faults,
      ledger: new Ledger(),
      stack: 'oneshot-test',
      taskEnvironment: {},
      maximumReceives: 3,
    },
    doubtQueue: { delaySeconds: 1, visibilityTimeoutSeconds: 30 },
    taskDefinition: { image: 'runner' },
    taskCommand: () => null,
  });
  onTestFinished(() => aws.close());
  return { clock, faults, aws };
}

/** Puts the first message in, and returns the rounds that were made until now. */
async function startLoop(recursiveLoop: RecursiveLoop) {
  const { clock, faults, aws } = await openWorld();
  const rounds: string[] = [];
  const { accessKeyId, secretAccessKey, sessionToken = '' } = aws.credentialsOf('looping');
  const looping = createFunction({
    ...{ name: 'looping', bundle: bundle(PUTS_BACK), clock, recursiveLoop },
    ...{ timeoutSeconds: 20, memoryMiB: 128, maximumInstances: 1 },
    environment: {
      ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
      ...{ AWS_SESSION_TOKEN: sessionToken, AWS_REGION: aws.region, AWS_ENDPOINT_URL: aws.url },
      QUEUE_URL: aws.queues.doubts.url,
    },
    onLog: (line) => void rounds.push(line),
  });
  onTestFinished(() => looping.close());
  const client = { region: aws.region, endpoint: aws.url, credentials: aws.operatorCredentials };
  const source = startEventSource({
    ...{ client, clock, faults, queue: aws.queues.doubts, region: aws.region },
    ...{ batchSize: 1, maximumConcurrency: 1, visibilitySeconds: 30 },
    isFed: () => true,
    waitForMessage: aws.queues.doubts.waitForMessage,
    invoke: (event, how) => looping.invoke(event, how),
  });
  onTestFinished(() => source.stop());
  await new SQSClient(client).send(
    new SendMessageCommand({
      ...{ QueueUrl: aws.queues.doubts.url, MessageBody: '1' },
      ...{ MessageGroupId: '1', MessageDeduplicationId: '1' },
    }),
  );
  return { aws, rounds };
}

describe('a function that sends to its own queue', () => {
  it('should be stopped after 16 rounds, and its message be a dead letter after its attempts', async () => {
    const { aws, rounds } = await startLoop('Terminate');
    await expect.poll(() => aws.queues.deadLetters.depth().visible, { timeout: 60_000 }).toBe(1);
    expect(rounds).toEqual(Array.from({ length: 16 }, (_, n) => `round ${n + 1}`));
  });

  it('should continue where it is deployed as reconcile is: our own bound ends a doubt', async () => {
    const { functions } = readDeployment();
    const reconcile = functions.find(({ name }) => name === 'reconcile');
    const { aws, rounds } = await startLoop(reconcile?.recursiveLoop ?? 'Terminate');
    await expect.poll(() => rounds.length, { timeout: 60_000 }).toBeGreaterThan(20);
    expect(aws.queues.deadLetters.depth().visible).toBe(0);
  });
});

describe('the trace of an invocation', () => {
  it('should count each function of a chain by itself, under one root', () => {
    const first = continueTrace(undefined, 'webhook');
    const second = continueTrace(first.header, 'reconcile');
    const third = continueTrace(second.header, 'reconcile');
    expect([first, second, third].map(({ earlierRounds }) => earlierRounds)).toEqual([0, 0, 1]);
    const roots = [first, second, third].map(({ header }) => header.split(';')[0]);
    expect(new Set(roots).size).toBe(1);
  });

  it('should begin again from a malformed header', () => {
    expect(continueTrace('nonsense', 'reconcile').earlierRounds).toBe(0);
  });
});
