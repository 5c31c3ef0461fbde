import { createHash } from 'node:crypto';
import { AwsError } from '../errors.ts';
import type { Account, FunctionRecord } from './account.ts';

export interface RestCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

interface Route {
  readonly operation: string;
  readonly method: string;
  readonly path: RegExp;
  handle(account: Account, call: RestCall, name: string): unknown;
}

/** The routes of Lambda's REST API that the command line and a removal use (Lambda API reference). */
const ROUTES: readonly Route[] = [
  {
    operation: 'GetFunction',
    method: 'GET',
    path: /^\/2015-03-31\/functions\/([^/]+)$/,
    handle: (account, _, name) => ({ Configuration: configuration(account, find(account, name)) }),
  },
  {
    operation: 'GetFunctionConfiguration',
    method: 'GET',
    path: /^\/2015-03-31\/functions\/([^/]+)\/configuration$/,
    handle: (account, _, name) => configuration(account, find(account, name)),
  },
  {
    operation: 'GetFunctionConcurrency',
    method: 'GET',
    path: /^\/2019-09-30\/functions\/([^/]+)\/concurrency$/,
    handle: (account, _, name) => concurrency(find(account, name)),
  },
  {
    operation: 'PutFunctionConcurrency',
    method: 'PUT',
    path: /^\/2017-10-31\/functions\/([^/]+)\/concurrency$/,
    handle: (account, { body }, name) => {
      const count = Object(JSON.parse(body || '{}')).ReservedConcurrentExecutions as unknown;
      if (typeof count !== 'number' || !Number.isInteger(count) || count < 0)
        throw new AwsError(
          'InvalidParameterValueException',
          'ReservedConcurrentExecutions must be 0 or more',
        );
      checkUnreserved(account, name, count);
      find(account, name).reservedConcurrency = count;
      return concurrency(find(account, name));
    },
  },
  {
    operation: 'DeleteFunctionConcurrency',
    method: 'DELETE',
    path: /^\/2017-10-31\/functions\/([^/]+)\/concurrency$/,
    handle: (account, _, name) => {
      find(account, name).reservedConcurrency = undefined;
      return undefined;
    },
  },
  {
    operation: 'GetAccountSettings',
    method: 'GET',
    path: /^\/2016-08-19\/account-settings\/?$/,
    handle: ({ concurrency: ConcurrentExecutions }) => ({ AccountLimit: { ConcurrentExecutions } }),
  },
  {
    operation: 'ListEventSourceMappings',
    method: 'GET',
    path: /^\/2015-03-31\/event-source-mappings\/?$/,
    handle: (account, { query }) => {
      const name = query.get('FunctionName') ?? '';
      const { eventSource } = find(account, name);
      const FunctionArn = arnOf(account, name);
      const all = eventSource === undefined ? [] : [{ UUID: '0', FunctionArn, State: eventSource }];
      return { EventSourceMappings: all };
    },
  },
];

export function findRoute({ method, path }: RestCall): Route | undefined {
  return ROUTES.find((route) => route.method === method && route.path.test(path));
}

export const callRoute = (route: Route, account: Account, call: RestCall): unknown =>
  route.handle(account, call, nameIn(route, call));

/** The function that a call is about: in its path, or in its query. Empty for the account's own settings. */
export const nameIn = (route: Route, { path, query }: RestCall): string =>
  decodeURIComponent(route.path.exec(path)?.[1] ?? query.get('FunctionName') ?? '');

function find(account: Account, name: string): FunctionRecord {
  const found = account.functions.get(name);
  if (found !== undefined) return found;
  const message = `Function not found: ${arnOf(account, name)}`;
  throw new AwsError('ResourceNotFoundException', message, 404);
}

const arnOf = ({ id, region }: Account, name: string): string =>
  `arn:aws:lambda:${region}:${id}:function:${name}`;

/**
 * Lambda Developer Guide, "Configuring reserved concurrency": up to the account's unreserved concurrency less 100. New
 * accounts have 10 in all, and are told of a minimum of 10 or more; read strictly, none of those can reserve even 0.
 */
function checkUnreserved(
  { functions, concurrency: all, leastUnreserved }: Account,
  name: string,
  count: number,
) {
  const others = [...functions.values()].filter((one) => one.name !== name);
  const reserved = others.reduce((sum, { reservedConcurrency = 0 }) => sum + reservedConcurrency, count);
  if (all - reserved >= leastUnreserved) return;
  throw new AwsError(
    'InvalidParameterValueException',
    "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its " +
      `minimum value of [${leastUnreserved}].`,
  );
}

const concurrency = ({ reservedConcurrency }: FunctionRecord) =>
  reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency };

/** The digest of the code that the stack's template names for it; of the world's own functions there is none. */
function codeDigest({ stack, objects }: Account, name: string): string | undefined {
  const found = Object.values(stack?.template?.Resources ?? {}).find(
    ({ Properties = {} }) => Properties['FunctionName'] === name && Properties['Code'] !== undefined,
  );
  const key = Object(found?.Properties?.['Code']).S3Key as string | undefined;
  const zip = [...objects].find(([object]) => key !== undefined && object.endsWith(`/${key}`))?.[1].body;
  return zip && createHash('sha256').update(zip).digest('base64');
}

function configuration(account: Account, { name, role, environment, state, lastUpdate }: FunctionRecord) {
  return {
    CodeSha256: codeDigest(account, name),
    FunctionName: name,
    FunctionArn: arnOf(account, name),
    Role: role,
    Environment: { Variables: environment },
    LastModified: '2026-01-01T00:00:00.000+0000',
    State: state,
    LastUpdateStatus: lastUpdate,
  };
}
