import {
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { fail, judged, link, looked, ok, type Reading } from '../link.ts';

/** By their names in serverless.yml. */
export const FUNCTIONS = ['webhook', 'reconcile', 'settle', 'sweep'] as const;

/** What the launching function was deployed with. */
export const readWebhookFunction = (async ({ aws, stack }) =>
  new LambdaClient(aws).send(
    new GetFunctionConfigurationCommand({ FunctionName: `${stack}-webhook` }),
  )) satisfies Reading<unknown>;

interface FunctionFact {
  readonly name: string;
  /** `Active`, `Inactive`, ...; `undefined` where there is no such function. */
  readonly state: string | undefined;
  /** `Successful`, `Failed`, `InProgress`. */
  readonly lastUpdate: string | undefined;
  /** Closed by a removal: it answers nobody. */
  readonly isClosed: boolean;
}

const FUNCTION_FACTS = looked(
  'lambda:GetFunctionConfiguration and lambda:GetFunctionConcurrency',
  async ({ aws, stack }) => {
    const client = new LambdaClient(aws);
    return Promise.all(FUNCTIONS.map((name) => readFunction(client, name, stack)));
  },
);

export const functions = link({
  id: 'functions',
  title: 'the functions exist and are open',
  tries: 'lambda:GetFunctionConfiguration and lambda:GetFunctionConcurrency of each',
  needs: ['stack'],
  reads: { functions: FUNCTION_FACTS },
  judge: (seen) =>
    judged(seen.functions, 'deploy again', (all) => {
      const missing = all.filter(({ state }) => state === undefined).map(({ name }) => name);
      if (missing.length > 0) return fail(`missing: ${missing.join(', ')}`, 'deploy again');
      const closed = all.filter(({ isClosed }) => isClosed).map(({ name }) => name);
      if (closed.length > 0)
        return fail(
          `closed: ${closed.join(', ')} (their reserved concurrency is 0)`,
          'a removal was interrupted, or somebody closed them: deploy again, which opens them',
        );
      const broken = all.filter(({ state, lastUpdate }) => state === 'Failed' || lastUpdate === 'Failed');
      return broken.length === 0
        ? ok(all.map(({ name }) => name).join(', '))
        : fail(`failed: ${broken.map(({ name }) => name).join(', ')}`, 'deploy again');
    }),
});

async function readFunction(client: LambdaClient, name: string, stack: string): Promise<FunctionFact> {
  const FunctionName = `${stack}-${name}`;
  try {
    const [{ State, LastUpdateStatus }, { ReservedConcurrentExecutions }] = await Promise.all([
      client.send(new GetFunctionConfigurationCommand({ FunctionName })),
      client.send(new GetFunctionConcurrencyCommand({ FunctionName })),
    ]);
    const isClosed = ReservedConcurrentExecutions === 0;
    return { name, state: State ?? 'Active', lastUpdate: LastUpdateStatus, isClosed };
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException')
      return { name, state: undefined, lastUpdate: undefined, isClosed: false };
    throw error;
  }
}
