import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { startTask, type Task, type TaskOptions } from '../../local/task/task.ts';

const GRANT = { ONESHOT_JOB_CREDENTIALS: '1' };
const SDK = `'${process.execPath}' '${path.join(import.meta.dirname, 'stand-ins/print-credentials.ts')}'`;
const hasCli = spawnSync('aws', ['--version']).status === 0;

/** What a step prints. On Fargate there is no instance metadata; here asking for it would take seconds. */
async function printedBy(
  command: string,
  environment: NonNullable<TaskOptions['environment']>,
  onTestFinished: (cleanUp: () => void) => void,
): Promise<{ readonly printed: string; readonly task: Task }> {
  const jobScript = `export AWS_EC2_METADATA_DISABLED=true; { ${command}; } >../printed; true`;
  const task = await startTask({ listener: { jobAfterSeconds: 0, jobSeconds: 0, jobScript }, environment });
  onTestFinished(task.cleanUp);
  expect((await task.ended).ending, task.output()).toBe('ran-succeeded');
  return { printed: readFileSync(`${task.base}/printed`, 'utf8').trim(), task };
}

describe.concurrent('a step of a job', () => {
  it('should find the task’s credentials by its SDK’s default chain where jobs were granted something', async ({
    onTestFinished,
  }) => {
    const { printed, task } = await printedBy(SDK, GRANT, onTestFinished);
    const { accessKeyId, secretAccessKey, token } = task.services.secrets;
    expect(printed).toBe([accessKeyId, secretAccessKey, token].join(' '));
  });

  it.for([{}, { ONESHOT_JOB_CREDENTIALS: '' }, { ONESHOT_JOB_CREDENTIALS: '0' }])(
    'should find none where they were not: %j',
    async (environment, { onTestFinished }) => {
      const { printed, task } = await printedBy(SDK, environment, onTestFinished);
      expect(printed).toBe('CredentialsProviderError');
      expect(task.services.requests.credentials).toHaveLength(1);
    },
  );

  it('should find them with the command line of AWS, and with none granted none', async ({
    skip,
    onTestFinished,
  }) => {
    skip(!hasCli, 'there is no aws');
    const granted = await printedBy('aws configure list', GRANT, onTestFinished);
    expect(granted.printed).toContain(granted.task.services.secrets.accessKeyId.slice(-4));
    const none = await printedBy('aws configure list', {}, onTestFinished);
    expect(none.printed).not.toContain('container');
  });

  it('should be handed what names them, as it is, on whatever platform', async ({ onTestFinished }) => {
    const uri = '/v2/credentials/of-fargate';
    const others = {
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: uri,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'Bearer of-another',
    };
    const variables = 'env | grep ^AWS_CONTAINER_ | sort';
    const { printed, task } = await printedBy(variables, { ...GRANT, ...others }, onTestFinished);
    expect(printed.split('\n')).toEqual([
      'AWS_CONTAINER_AUTHORIZATION_TOKEN=Bearer of-another',
      `AWS_CONTAINER_CREDENTIALS_FULL_URI=${task.services.url}${task.services.secrets.credentialsPath}`,
      `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=${uri}`,
    ]);
    expect((await printedBy(variables, others, onTestFinished)).printed).toBe('');
  });
});
