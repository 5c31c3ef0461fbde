/** A deployment's environment, parameters and deliveries, pointed at the services of a bench. */
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { payloadOf } from '../simulation/payload.ts';

const PATH = '/oneshot/bench/github';
const SECRET = 'webhook secret of a bench';

export function benchParameters(): Record<string, string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    [`${PATH}/app-id`]: '123456',
    [`${PATH}/private-key`]: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    [`${PATH}/webhook-secret`]: SECRET,
  };
}

/** What Lambda gives the functions; see `environment` in serverless.yml. */
export function functionEnvironment(servicesUrl: string): Record<string, string> {
  const arn = (service: string, resource: string) =>
    `arn:aws:${service}:eu-central-1:123456789012:${resource}`;
  return {
    ONESHOT_STAGE: 'bench',
    ONESHOT_STACK: 'oneshot-bench',
    ONESHOT_RUNNER_PREFIX: 'oneshot-bench-5e1fc0de',
    ONESHOT_PARAMETER_PATH: PATH,
    ONESHOT_CLUSTER: arn('ecs', 'cluster/oneshot-bench'),
    ONESHOT_TASK_DEFINITION_X64: arn('ecs', 'task-definition/oneshot-bench-x64:1'),
    ONESHOT_TASK_DEFINITION_ARM64: arn('ecs', 'task-definition/oneshot-bench-arm64:1'),
    ONESHOT_SUBNETS: 'subnet-0aaaaaaaaaaaaaaaa',
    ONESHOT_SECURITY_GROUPS: 'sg-0aaaaaaaaaaaaaaaa',
    ONESHOT_ASSIGN_PUBLIC_IP: 'DISABLED',
    ONESHOT_KEY_ARN: arn('kms', 'key/11111111-2222-3333-4444-555555555555'),
    ONESHOT_DOUBT_QUEUE_URL: `${servicesUrl}/123456789012/oneshot-bench-doubts.fifo`,
    ONESHOT_DEAD_DOUBT_QUEUE_URL: `${servicesUrl}/123456789012/oneshot-bench-dead-doubts.fifo`,
    GITHUB_API_URL: servicesUrl,
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL: servicesUrl,
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'bench',
  };
}

/** A signed delivery as the HTTP API hands it over. `jobId` makes each of them another job's. */
export function webhookEvent(
  jobId: number,
  labels: readonly string[] = ['fargate'],
): Record<string, unknown> {
  const body = payloadOf({
    ...{ action: 'queued', status: 'queued', id: jobId, runId: 27_182_818, labels, createdAtMs: Date.now() },
    repository: { id: 700_000_001, owner: 'acme', name: 'web', installationId: 77 },
  });
  return {
    version: '2.0',
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'workflow_job',
      'x-github-delivery': `0b989ba4-242f-11e5-81e1-${String(jobId).padStart(12, '0')}`,
      'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
    },
    body,
    isBase64Encoded: false,
  };
}
