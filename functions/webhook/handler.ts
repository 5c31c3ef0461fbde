import { SSMClient } from '@aws-sdk/client-ssm';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { createParameterStore } from '../aws/parameters.ts';
import { bundledPolicy } from '../bundled-policy.ts';
import { readStageConfiguration } from '../config.ts';
import type { Launch } from '../core/decide-launch.ts';
import { ConfigurationError, describeError } from '../core/errors.ts';
import { keepFor } from '../core/keep.ts';
import { explain } from '../core/reasons.ts';
import { createReporter, type Reporter } from '../log.ts';
import { type Answer, type ReceivePorts, receive } from './receive.ts';
import { verifySignature } from './signature.ts';

/** GitHub gives a delivery 10 s, and so does Lambda; what is left at 8 s is answered while there is time. */
const DEADLINE_MS = 8_000;

interface Root {
  readonly prefix: string;
  readonly ports: ReceivePorts;
  readonly reporter: Reporter;
}

let root: Root | undefined;

export async function handler(
  event: APIGatewayProxyEventV2,
  context?: Context,
): Promise<APIGatewayProxyStructuredResultV2> {
  const reporter = root?.reporter ?? createReporter('webhook', process.env['ONESHOT_STAGE'] ?? 'unknown');
  if (context) reporter.logger.addContext(context);
  const startedAtMs = Date.now();
  const answer = await answerTo(event, reporter).catch((error: unknown) => faultAnswer(error, reporter));
  report(answer, event, reporter, startedAtMs);
  return respond(answer);
}

async function answerTo(event: APIGatewayProxyEventV2, reporter: Reporter): Promise<Answer> {
  root ??= compose(reporter);
  const { body, headers, isBase64Encoded } = event;
  const { prefix, ports } = root;
  const signal = AbortSignal.timeout(DEADLINE_MS);
  return receive({ headers, body, isBase64Encoded }, ports, {
    policy: bundledPolicy(),
    prefix,
    nowMs: Date.now(),
    signal,
  });
}

function compose(reporter: Reporter): Root {
  const stage = readStageConfiguration(process.env);
  const parameters = createParameterStore(new SSMClient({}), stage.parameterPath, () => Date.now());
  let launching: ReturnType<typeof load> | undefined;
  // Only a job that wants a runner pays for loading Octokit and two more SDK clients.
  const load = () =>
    import('./launching.ts').then(({ createLaunching }) => keepFor(createLaunching(stage, process.env)));
  return {
    reporter,
    prefix: stage.stack,
    ports: {
      verifySignature: (body, signature) => verifySignature(parameters, body, signature),
      async launching() {
        launching ??= load();
        return (await launching)(await parameters.get());
      },
    },
  };
}

/** A fault of ours or of the deployment's: GitHub shows 503 and can redeliver; the log has the cause. */
function faultAnswer(error: unknown, { logger }: Reporter): Answer {
  logger.error('the delivery could not be handled', { error: describeError(error) });
  const isConfiguration = error instanceof ConfigurationError;
  return {
    status: 503,
    message: isConfiguration
      ? error.message
      : 'the delivery could not be handled; the function’s log has the cause',
  };
}

function report(
  answer: Answer,
  event: APIGatewayProxyEventV2,
  reporter: Reporter,
  startedAtMs: number,
): void {
  const { status, message, reason, decision, outcome } = answer;
  const delivery = event.headers?.['x-github-delivery'];
  const job = decision?.verdict === 'launch' ? jobFacts(decision) : {};
  const level = status === 503 ? 'warn' : 'info';
  reporter.logger[level](reason ? explain(reason) : message, {
    status,
    reason,
    answer: message,
    delivery,
    ...job,
    outcome,
  });
  reporter.count('Deliveries', 1, reason);
  if (outcome?.kind === 'launched') reporter.seconds('LaunchSeconds', (Date.now() - startedAtMs) / 1000);
  reporter.flush();
}

/** What was asked for and what is given, beside which job it is for. */
const jobFacts = ({ jobId, repository, asked, given }: Launch) => ({
  job: jobId,
  repository: `${repository.owner}/${repository.name}`,
  asked,
  given,
});

function respond({ status, message, reason }: Answer): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message, ...(reason && { reason }) }),
  };
}
