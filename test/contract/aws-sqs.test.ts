import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { clientsOf, openWorld, type TestWorld } from './aws-harness.ts';

const STANDARD = { queues: [{ name: 'plain' }] };
const NO_DELAY = { doubtQueue: { delaySeconds: 0 } };

function sender({ sqs, aws }: TestWorld, QueueUrl = aws.queues.doubts.url) {
  return (MessageBody: string, changes: Partial<SendMessageCommandInput> = {}) =>
    sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody,
        ...(QueueUrl.endsWith('.fifo')
          ? { MessageGroupId: 'acme/web', MessageDeduplicationId: MessageBody }
          : {}),
        ...changes,
      }),
    );
}

function receiver({ sqs, aws }: TestWorld, QueueUrl = aws.queues.doubts.url) {
  return async (changes: Partial<ReceiveMessageCommandInput> = {}) => {
    const input = { QueueUrl, MaxNumberOfMessages: 10, ...changes };
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(input));
    return Messages;
  };
}

const bodies = (messages: { Body?: string | undefined }[]) => messages.map(({ Body }) => Body);

describe('a FIFO queue', () => {
  it('keeps a message back for the delay of the queue', async () => {
    const world = await openWorld();
    const { MessageId, SequenceNumber } = await sender(world)('a');
    expect(SequenceNumber).toHaveLength(20);
    const receive = receiver(world);
    await world.clock.advance(64_000);
    expect(await receive()).toEqual([]);
    expect(world.aws.queues.doubts.depth()).toEqual({ visible: 0, delayed: 1, inFlight: 0 });
    await world.clock.advance(1_000);
    const [message] = await receive({ MessageSystemAttributeNames: ['All'] });
    expect(message).toMatchObject({
      MessageId,
      Body: 'a',
      Attributes: {
        ApproximateReceiveCount: '1',
        MessageGroupId: 'acme/web',
        MessageDeduplicationId: 'a',
        SequenceNumber,
      },
    });
  });

  it('takes a duplicate within five minutes and delivers it once', async () => {
    const world = await openWorld(NO_DELAY);
    const [send, receive] = [sender(world), receiver(world)];
    const first = await send('a');
    expect(await send('a')).toMatchObject({ MessageId: first.MessageId });
    const [message] = await receive();
    const { ReceiptHandle } = message ?? {};
    await world.sqs.send(new DeleteMessageCommand({ QueueUrl: world.aws.queues.doubts.url, ReceiptHandle }));
    await world.clock.advance(299_000);
    await send('a');
    expect(await receive()).toEqual([]);
    await world.clock.advance(2_000);
    await send('a');
    expect(bodies(await receive())).toEqual(['a']);
  });

  it('gives a group in order, and nothing of it while one is in flight', async () => {
    const world = await openWorld(NO_DELAY);
    const [send, receive] = [sender(world), receiver(world)];
    for (const body of ['a1', 'a2', 'a3']) await send(body);
    await send('b1', { MessageGroupId: 'acme/api' });
    const [first] = await receive({ MaxNumberOfMessages: 1 });
    expect(first?.Body).toBe('a1');
    expect(bodies(await receive())).toEqual(['b1']);
    const QueueUrl = world.aws.queues.doubts.url;
    await world.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
    expect(bodies(await receive())).toEqual(['a2', 'a3']);
  });

  it('shows a message again after its visibility timeout, with a new receipt', async () => {
    const world = await openWorld(NO_DELAY);
    await sender(world)('a');
    const receive = receiver(world);
    const [first] = await receive({ VisibilityTimeout: 60 });
    await world.clock.advance(59_000);
    expect(await receive()).toEqual([]);
    await world.clock.advance(1_000);
    const QueueUrl = world.aws.queues.doubts.url;
    const late = new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle });
    await expect(world.sqs.send(late)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    const [second] = await receive({ MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    expect(second).toMatchObject({ Body: 'a', Attributes: { ApproximateReceiveCount: '2' } });
    expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
  });

  it('moves what was received too often to the dead-letter queue', async () => {
    const world = await openWorld({ ...NO_DELAY, maximumReceives: 2 });
    await sender(world)('a');
    const receive = receiver(world);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(await receive({ VisibilityTimeout: 10 })).toHaveLength(1);
      await world.clock.advance(10_000);
    }
    expect(await receive()).toEqual([]);
    expect(bodies(await receiver(world, world.aws.queues.deadLetters.url)())).toEqual(['a']);
  });

  it('takes tabs and line ends', async () => {
    const world = await openWorld();
    await expect(sender(world)('a', { MessageBody: 'a\tb\r\nc' })).resolves.toBeDefined();
  });

  it.each<[string, Partial<SendMessageCommandInput>, string]>([
    ['a delay of its own', { DelaySeconds: 75 }, 'InvalidParameterValue'],
    ['no group', { MessageGroupId: undefined }, 'MissingParameter'],
    ['no deduplication id', { MessageDeduplicationId: undefined }, 'InvalidParameterValue'],
    ['a group with a space', { MessageGroupId: 'a b' }, 'InvalidParameterValue'],
    ['no body', { MessageBody: '' }, 'MissingParameter'],
    ['a body with a NUL', { MessageBody: 'a\u0000' }, 'InvalidMessageContents'],
    ['a body with U+FFFE', { MessageBody: 'a\ufffe' }, 'InvalidMessageContents'],
    ['more than 1 MiB', { MessageBody: 'x'.repeat(1_048_577) }, 'InvalidParameterValue'],
    ['another queue', { QueueUrl: 'http://127.0.0.1/1/other' }, 'QueueDoesNotExist'],
  ])('refuses a message with %s', async (_name, changes, name) => {
    const world = await openWorld();
    const QueueUrl = changes.QueueUrl && `${world.aws.url}/123456789012/other`;
    const answer = sender(world)('a', { ...changes, ...(QueueUrl ? { QueueUrl } : {}) });
    await expect(answer).rejects.toMatchObject({ name });
    expect(world.aws.queues.doubts.depth()).toEqual({ visible: 0, delayed: 0, inFlight: 0 });
  });
});

describe('a standard queue', () => {
  it('takes a delay for a message, up to 15 minutes', async () => {
    const world = await openWorld(STANDARD);
    const { url } = world.aws.queue('plain');
    const [send, receive] = [sender(world, url), receiver(world, url)];
    await send('late', { DelaySeconds: 900 });
    await send('now');
    expect(bodies(await receive())).toEqual(['now']);
    await world.clock.advance(900_000);
    expect(bodies(await receive())).toContain('late');
    await expect(send('x', { DelaySeconds: 901 })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    const deduplicated = send('x', { MessageDeduplicationId: 'x' });
    await expect(deduplicated).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  it('takes an outdated receipt without a word, and refuses one that never was', async () => {
    const world = await openWorld(STANDARD);
    const { url: QueueUrl } = world.aws.queue('plain');
    await sender(world, QueueUrl)('a');
    const receive = receiver(world, QueueUrl);
    const [first] = await receive({ VisibilityTimeout: 1 });
    await world.clock.advance(1_000);
    await receive();
    await world.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
    expect(world.aws.queue('plain').depth().inFlight).toBe(1);
    const forged = new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'x' });
    await expect(world.sqs.send(forged)).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
  });
});

describe('ReceiveMessage', () => {
  it('waits until there is a message, or as long as it is told', async () => {
    const world = await openWorld();
    const { clock } = world;
    await sender(world)('a');
    expect(await answered(world, receiver(world)({ WaitTimeSeconds: 20 }))).toEqual([]);
    await clock.advance(clock.epochMs + 60_000 - clock.nowMs());
    expect(bodies(await answered(world, receiver(world)({ WaitTimeSeconds: 20 })))).toEqual(['a']);
  });

  it.each([
    ['MaxNumberOfMessages', { MaxNumberOfMessages: 11 }],
    ['WaitTimeSeconds', { WaitTimeSeconds: 21 }],
    ['VisibilityTimeout', { VisibilityTimeout: 43_201 }],
  ])('refuses a %s beyond its bounds', async (_name, changes) => {
    const world = await openWorld();
    await expect(receiver(world)(changes)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });
});

/** Moves the clock, a second at a time, until the call is answered. */
async function answered<T>({ clock }: TestWorld, call: Promise<T>): Promise<T> {
  let isAnswered = false;
  const done = call.finally(() => {
    isAnswered = true;
  });
  while (!isAnswered) await clock.advance(1_000);
  return done;
}

describe('ChangeMessageVisibility', () => {
  it('gives a message back at once, or keeps it longer', async () => {
    const world = await openWorld(NO_DELAY);
    await sender(world)('a');
    const QueueUrl = world.aws.queues.doubts.url;
    const receive = receiver(world);
    const change = (ReceiptHandle: string | undefined, VisibilityTimeout: number) =>
      world.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
    const [first] = await receive();
    await change(first?.ReceiptHandle, 900);
    await world.clock.advance(899_000);
    expect(await receive()).toEqual([]);
    await change(first?.ReceiptHandle, 0);
    expect(await receive()).toHaveLength(1);
    const gone = change(first?.ReceiptHandle, 0);
    await expect(gone).rejects.toMatchObject({ name: 'MessageNotInflight' });
    const long = change(first?.ReceiptHandle, 43_201);
    await expect(long).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });
});

describe('a batch', () => {
  const entry = (Id: string, more = {}) => ({
    Id,
    MessageBody: Id,
    MessageGroupId: 'g',
    MessageDeduplicationId: Id,
    ...more,
  });

  it('succeeds and fails entry by entry', async () => {
    const world = await openWorld(NO_DELAY);
    const QueueUrl = world.aws.queues.doubts.url;
    const Entries = [entry('a'), entry('b', { DelaySeconds: 1 }), entry('c')];
    const sent = await world.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['a', 'c']);
    expect(sent.Failed).toMatchObject([{ Id: 'b', Code: 'InvalidParameterValue', SenderFault: true }]);
    const handles = (await receiver(world)()).map(({ ReceiptHandle }, index) => ({
      Id: `${index}`,
      ReceiptHandle,
    }));
    const remove = new DeleteMessageBatchCommand({
      QueueUrl,
      Entries: [...handles, { Id: 'x', ReceiptHandle: 'x' }],
    });
    const removed = await world.sqs.send(remove);
    expect(removed.Successful).toHaveLength(2);
    expect(removed.Failed).toMatchObject([{ Id: 'x', Code: 'ReceiptHandleIsInvalid' }]);
  });

  it.each([
    ['nothing', [], 'EmptyBatchRequest'],
    ['eleven', Array.from({ length: 11 }, (_, index) => entry(`e${index}`)), 'TooManyEntriesInBatchRequest'],
    ['the same id twice', [entry('a'), entry('a')], 'BatchEntryIdsNotDistinct'],
    ['an odd id', [entry('a b')], 'InvalidBatchEntryId'],
    [
      'more than 1 MiB in all',
      ['a', 'b'].map((id) => entry(id, { MessageBody: 'x'.repeat(600_000) })),
      'BatchRequestTooLong',
    ],
  ])('of %s is refused', async (_name, Entries, name) => {
    const world = await openWorld();
    const send = new SendMessageBatchCommand({ QueueUrl: world.aws.queues.doubts.url, Entries });
    await expect(world.sqs.send(send)).rejects.toMatchObject({ name });
  });
});

describe('a queue', () => {
  it('tells its attributes', async () => {
    const world = await openWorld();
    await sender(world)('a');
    const { url: QueueUrl, arn } = world.aws.queues.doubts;
    const { Attributes } = await world.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({
      QueueArn: arn,
      DelaySeconds: '65',
      FifoQueue: 'true',
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesDelayed: '1',
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: world.aws.queues.deadLetters.arn,
        maxReceiveCount: 5,
      }),
    });
    const odd = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Colour' as 'All'] });
    await expect(world.sqs.send(odd)).rejects.toMatchObject({ name: 'InvalidAttributeName' });
  });

  it('is found by its name', async () => {
    const { aws, sqs } = await openWorld();
    const { name: QueueName, url } = aws.queues.doubts;
    expect((await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl).toBe(url);
    const other = sqs.send(new GetQueueUrlCommand({ QueueName: 'other' }));
    await expect(other).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });

  it('is emptied by its operator', async () => {
    const world = await openWorld();
    await sender(world)('a');
    const { sqs } = clientsOf(world.aws, world.aws.operatorCredentials);
    await sqs.send(new PurgeQueueCommand({ QueueUrl: world.aws.queues.doubts.url }));
    expect(world.aws.queues.doubts.depth().delayed).toBe(0);
  });

  it('gives back the attributes of a message, with a checksum', async () => {
    const world = await openWorld(NO_DELAY);
    const MessageAttributes = { origin: { DataType: 'String', StringValue: 'sweep' } };
    const sent = await sender(world)('a', { MessageAttributes });
    const [message] = await receiver(world)({ MessageAttributeNames: ['All'] });
    expect(message).toMatchObject({ MessageAttributes, MD5OfMessageAttributes: sent.MD5OfMessageAttributes });
    expect(sent.MD5OfMessageAttributes).toMatch(/^[0-9a-f]{32}$/);
  });
});
