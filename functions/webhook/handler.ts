import { SSMClient } from '@aws-sdk/client-ssm';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { createParameterStore } from '../aws/parameters.ts';
import { bundledPolicy } from '../bundled-policy.ts';
import { readStageConfiguration } from '../config.ts';
import { type Told, tellLaunch } from '../core/plan/tell-launch.ts';
import { ConfigurationError, describeError } from '../core/words/errors.ts';
import { explain } from '../core/words/reasons.ts';
import { once } from '../kit/keep.ts';
import { createReporter, type Reporter } from '../log.ts';
import { deliveryLine } from '../records/delivery.ts';
import type { Answer, ReceivePorts } from './context.ts';
import { type Cooling, createCooling } from './cooling.ts';
import { receive } from './receive.ts';
import { verifySignature } from './signature.ts';

/** GitHub gives a delivery 10 s, and so does Lambda; what is left at 8 s is answered while there is time. */
const DEADLINE_MS = 8_000;

interface Root {
  readonly prefix: string;
  readonly parameterPath: string;
  readonly ports: ReceivePorts;
  readonly reporter: Reporter;
  readonly cooling: Cooling;
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
  const { prefix, ports, cooling } = root;
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const context = { policy: bundledPolicy(), prefix, nowMs: Date.now(), signal, cooling };
  return receive({ headers: headers ?? {}, body, isBase64Encoded }, ports, context);
}

function compose(reporter: Reporter): Root {
  const stage = readStageConfiguration(process.env);
  const parameters = createParameterStore(
    // All processes of a mass cold start read at once, and SSM answers 40 a second.
    new SSMClient({ maxAttempts: 6 }),
    stage.parameterPath,
    () => Date.now(),
  );
  return {
    reporter,
    prefix: stage.runnerPrefix,
    parameterPath: stage.parameterPath,
    cooling: createCooling(),
    ports: {
      verifySignature: (body, signature) => verifySignature(parameters, body, signature),
      // Only a job that wants a runner pays for loading Octokit and two more SDK clients, and only a doubt or a mark
      // for the queue's.
      launching: once(async () => {
        const [{ keepGitHubApp }, { createLaunchPorts }] = await Promise.all([
          import('../stage/github.ts'),
          import('../stage/launch.ts'),
        ]);
        return createLaunchPorts(stage, process.env, keepGitHubApp(parameters, stage.githubApiUrl));
      }),
      looking: once(async () => {
        const [{ keepGitHubApp }, { createLooking }] = await Promise.all([
          import('../stage/github.ts'),
          import('./looking.ts'),
        ]);
        return createLooking(stage, keepGitHubApp(parameters, stage.githubApiUrl));
      }),
      settling: once(async () => (await import('./settling.ts')).createSettling(stage)),
    },
  };
}

/**
 * Answers 503 for our own fault or the deployment's: GitHub shows it and can redeliver. The cause names parameters and
 * goes to the log alone: nothing was verified, so the caller may be a stranger.
 */
function faultAnswer(error: unknown, { logger }: Reporter): Answer {
  logger.error('the delivery could not be handled', { error: describeError(error) });
  const cause = 'the function’s log has the cause, and oneshot doctor finds it';
  return error instanceof ConfigurationError
    ? { status: 503, message: `this deployment is not set up; ${cause}` }
    : { status: 503, message: `the delivery could not be handled; ${cause}` };
}

function report(
  answer: Answer,
  event: APIGatewayProxyEventV2,
  reporter: Reporter,
  startedAtMs: number,
): void {
  const { reason, outcome, marked } = answer;
  const told = tell(answer);
  const deliveryId = event.headers?.['x-github-delivery'];
  reporter.logger[told.level](
    told.message,
    deliveryLine(answer, told, { deliveryId, receivedAtMs: startedAtMs }),
  );
  // No delivery of GitHub's.
  if (reason !== 'doctor-probe') reporter.count('Deliveries', 1, reason && { reason });
  if (marked?.startedAtMs !== undefined && marked.createdAtMs !== undefined)
    reporter.seconds('QueueToStartSeconds', (marked.startedAtMs - marked.createdAtMs) / 1000);
  if (outcome) reporter.count('Launches', 1, { outcome: outcome.kind });
  if (outcome?.kind === 'launched') reporter.seconds('LaunchSeconds', (Date.now() - startedAtMs) / 1000);
  reporter.flush();
}

function tell({ status, message, reason, decision, outcome }: Answer): Told {
  if (outcome !== undefined && decision?.verdict === 'launch')
    return tellLaunch(outcome, decision, root?.parameterPath ?? '');
  return { level: status === 503 ? 'warn' : 'info', message: reason ? explain(reason) : message };
}

function respond({ status, message, reason }: Answer): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message, ...(reason && { reason }) }),
  };
}
