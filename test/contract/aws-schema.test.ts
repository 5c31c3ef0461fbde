import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DescribeTasks$, RunTask$ } from '@aws-sdk/client-ecs';
import { Encrypt$ } from '@aws-sdk/client-kms';
import { SendMessage$ } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { operationShapes, readJson, writeJson } from '../../local/aws/schema.ts';
import { openWorld, type TestWorld } from './aws-harness.ts';

const runTask = operationShapes(RunTask$);
const encrypt = operationShapes(Encrypt$);
const sendMessage = operationShapes(SendMessage$);

describe('a request', () => {
  it.each<[string, unknown, unknown, object]>([
    ['lacks what is required', runTask.input, {}, { kind: 'missing', path: 'taskDefinition' }],
    [
      'lacks what is required further in',
      runTask.input,
      { taskDefinition: 'x', networkConfiguration: { awsvpcConfiguration: {} } },
      { kind: 'missing', path: 'networkConfiguration.awsvpcConfiguration.subnets' },
    ],
    ['has null for it', runTask.input, { taskDefinition: null }, { kind: 'missing', path: 'taskDefinition' }],
    [
      'has a member too many',
      runTask.input,
      { taskDefinition: 'x', labels: [] },
      { kind: 'unknown', path: 'labels' },
    ],
    [
      'has a member too many in a list',
      runTask.input,
      { taskDefinition: 'x', overrides: { containerOverrides: [{ name: 'runner', env: [] }] } },
      { kind: 'unknown', path: 'overrides.containerOverrides[0].env' },
    ],
    [
      'has text for a number',
      runTask.input,
      { taskDefinition: 'x', count: '1' },
      { kind: 'type', path: 'count' },
    ],
    [
      'has a number for text',
      runTask.input,
      { taskDefinition: 'x', overrides: { cpu: 1024 } },
      { kind: 'type', path: 'overrides.cpu' },
    ],
    [
      'has a thing for a list',
      runTask.input,
      { taskDefinition: 'x', tags: {} },
      { kind: 'type', path: 'tags' },
    ],
    [
      'has text for truth',
      runTask.input,
      { taskDefinition: 'x', enableECSManagedTags: 'true' },
      { kind: 'type' },
    ],
    ['is a list', runTask.input, [], { kind: 'type', path: '' }],
    [
      'has bytes that are not base64',
      encrypt.input,
      { KeyId: 'k', Plaintext: 'not base64' },
      { kind: 'type', path: 'Plaintext' },
    ],
    [
      'has a number in a map of text',
      encrypt.input,
      { KeyId: 'k', Plaintext: '', EncryptionContext: { runner: 1 } },
      { kind: 'type', path: 'EncryptionContext.runner' },
    ],
  ])('that %s is refused', (_name, schema, json, problem) => {
    expect(() => readJson(schema, json)).toThrow(expect.objectContaining(problem));
  });

  it('is read with its bytes, maps and lists', () => {
    const json = { KeyId: 'k', Plaintext: 'aGk=', EncryptionContext: { runner: 'r' }, GrantTokens: ['t'] };
    expect(readJson(encrypt.input, json)).toEqual({ ...json, Plaintext: new Uint8Array([104, 105]) });
    const message = {
      QueueUrl: 'q',
      MessageBody: 'b',
      MessageAttributes: { a: { DataType: 'String', StringValue: 's' } },
    };
    expect(readJson(sendMessage.input, message)).toEqual(message);
  });
});

describe('an answer', () => {
  const { output } = operationShapes(DescribeTasks$);

  it('is written with its dates in seconds', () => {
    const answer = {
      tasks: [{ taskArn: 'a', createdAt: new Date(1500), stoppedAt: undefined }],
      failures: [],
    };
    expect(writeJson(output, answer)).toEqual({ tasks: [{ taskArn: 'a', createdAt: 1.5 }], failures: [] });
  });

  it('with what AWS could not answer is refused', () => {
    expect(() => writeJson(output, { tasks: [{ taskArn: 'a', clientToken: 't' }] })).toThrow(
      expect.objectContaining({ kind: 'unknown', path: 'tasks[0].clientToken' }),
    );
    expect(() => writeJson(output, { tasks: [{ createdAt: '2026-01-01' }] })).toThrow(
      expect.objectContaining({ kind: 'type', path: 'tasks[0].createdAt' }),
    );
  });
});

describe('over the wire, a request that', () => {
  const ECS = 'AmazonEC2ContainerServiceV20141113';

  it.each([
    ['lacks a member', `ecs ${ECS}.RunTask`, '{}', 'InvalidParameterException'],
    ['has one too many', `ecs ${ECS}.ListTasks`, '{"colour":"red"}', 'InvalidParameterException'],
    ['has a wrong type', `ecs ${ECS}.ListTasks`, '{"cluster":1}', 'SerializationException'],
    ['is not JSON', `ecs ${ECS}.ListTasks`, '{', 'SerializationException'],
    ['lacks a member of KMS', 'kms TrentService.Encrypt', '{}', 'ValidationException'],
    ['lacks a member of SSM', 'ssm AmazonSSM.GetParameters', '{}', 'ValidationException'],
    ['lacks a member of SQS', 'sqs AmazonSQS.SendMessage', '{"QueueUrl":"q"}', 'MissingParameter'],
    ['names no queue', 'sqs AmazonSQS.ReceiveMessage', '{"QueueUrl":"q"}', 'QueueDoesNotExist'],
  ])('%s is refused by its service', async (_name, call, body, code) => {
    const [service = '', target = ''] = call.split(' ');
    const { head, answer } = await curl(await openWorld(), service, target, body);
    expect(head).toMatch(/^HTTP\/1.1 400 /);
    expect(answer.__type).toBe(code);
  });

  it('SQS refuses carries the code of the query protocol too', async () => {
    const { head } = await curl(await openWorld(), 'sqs', 'AmazonSQS.PurgeQueue', '{"QueueUrl":"q"}');
    expect(head).toContain('x-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender');
  });
});

async function curl({ aws }: TestWorld, service: string, target: string, body: string) {
  const { accessKeyId, secretAccessKey } = aws.operatorCredentials;
  const { stdout } = await promisify(execFile)('curl', [
    ...['--silent', '--include', '--aws-sigv4', `aws:amz:${aws.region}:${service}`],
    ...['--user', `${accessKeyId}:${secretAccessKey}`, '--header', `X-Amz-Target: ${target}`],
    ...['--header', 'Content-Type: application/x-amz-json-1.1', '--data', body, `${aws.url}/`],
  ]);
  const [head = '', text = ''] = stdout.split('\r\n\r\n');
  return { head, answer: JSON.parse(text) as { __type: string } };
}
