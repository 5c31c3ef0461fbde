import {
  DeleteParameters$,
  type DeleteParametersRequest,
  type DeleteParametersResult,
  GetParameter$,
  type GetParameterRequest,
  type GetParameterResult,
  GetParameters$,
  GetParametersByPath$,
  type GetParametersByPathRequest,
  type GetParametersByPathResult,
  type GetParametersRequest,
  type GetParametersResult,
  GetServiceSetting$,
  type GetServiceSettingRequest,
  type GetServiceSettingResult,
  type Parameter,
  PutParameter$,
  type PutParameterRequest,
  type PutParameterResult,
} from '@aws-sdk/client-ssm';
import { TokenBucket } from '../../model/token-bucket.ts';
import type { WorldClock } from '../world/clock.ts';
import { AwsError } from './errors.ts';
import type { Key } from './kms.ts';
import { operation, type Service } from './service.ts';

export interface ParameterStore {
  readonly service: Service;
  /** Puts a parameter (a SecureString unless said otherwise), past the API and its limits. */
  put(name: string, value: string, type?: 'String' | 'SecureString'): void;
  delete(name: string): void;
  has(name: string): boolean;
}

interface StoredParameter {
  readonly name: string;
  readonly arn: string;
  readonly type: 'String' | 'StringList' | 'SecureString';
  /** What is kept: the text, or base64 of its ciphertext. */
  readonly kept: string;
  readonly version: number;
  readonly modifiedAt: Date;
}

interface Store {
  readonly parameters: Map<string, StoredParameter>;
  readonly key: Key;
  readonly clock: WorldClock;
  readonly arnPrefix: string;
}

/** docs.aws.amazon.com: Systems Manager quotas, "40 transactions per second, shared by Get and Put". */
const CALLS_PER_SECOND = 40;
const STANDARD_CHARACTERS = 4096;

/** Parameter Store; SecureStrings are sealed under the stack's key with the context that SSM uses. */
export function createParameterStore(key: Key, clock: WorldClock, arnPrefix: string): ParameterStore {
  const store: Store = { parameters: new Map(), key, clock, arnPrefix };
  const bucket = new TokenBucket(CALLS_PER_SECOND, CALLS_PER_SECOND);
  const limited = <I, O>(schema: unknown, handle: (input: I) => O) =>
    operation<I, O>(schema, (input) => {
      if (!bucket.take(clock.nowMs())) throw new AwsError('ThrottlingException', 'Rate exceeded');
      return handle(input);
    });
  const service: Service = {
    api: 'ssm',
    target: 'AmazonSSM',
    jsonVersion: '1.1',
    internalError: 'InternalServerError',
    invalid: (problem) => invalid(`1 validation error detected: ${problem.message}`),
    operations: {
      GetParameter: limited(GetParameter$, (input: GetParameterRequest) => getParameter(store, input)),
      GetParameters: limited(GetParameters$, (input: GetParametersRequest) => getParameters(store, input)),
      GetParametersByPath: limited(GetParametersByPath$, (input: GetParametersByPathRequest) =>
        getByPath(store, input),
      ),
      DeleteParameters: limited(DeleteParameters$, (input: DeleteParametersRequest) =>
        deleteParameters(store, input),
      ),
      GetServiceSetting: operation(GetServiceSetting$, getServiceSetting),
      PutParameter: limited(PutParameter$, (input: PutParameterRequest) => putParameter(store, input)),
    },
  };
  return {
    service,
    put: (name, value, type = 'SecureString') => void keep(store, name, value, type),
    delete: (name) => void store.parameters.delete(name),
    has: (name) => store.parameters.has(name),
  };
}

function getParameter(store: Store, input: GetParameterRequest): GetParameterResult {
  const parameter = store.parameters.get(nameOf(store, input.Name ?? ''));
  if (!parameter) throw new AwsError('ParameterNotFound', '');
  return { Parameter: show(store, parameter, input.WithDecryption) };
}

/** As a new account has it: with the 40 calls a second that are kept here. */
function getServiceSetting({ SettingId = '' }: GetServiceSettingRequest): GetServiceSettingResult {
  if (SettingId !== '/ssm/parameter-store/high-throughput-enabled')
    throw new AwsError('ServiceSettingNotFound', `Setting ${SettingId} does not exist.`);
  return { ServiceSetting: { SettingId, SettingValue: 'false', Status: 'Default' } };
}

/** One to ten names, each once. */
function namesIn(names: readonly string[] | undefined): string[] {
  const asked = [...new Set(names)];
  if (asked.length >= 1 && asked.length <= 10) return asked;
  throw invalid(
    `1 validation error detected: Value '[${asked}]' at 'names' failed to satisfy constraint: ` +
      `Member must have length ${asked.length < 1 ? 'greater than or equal to 1' : 'less than or equal to 10'}`,
  );
}

function deleteParameters(store: Store, input: DeleteParametersRequest): DeleteParametersResult {
  const asked = namesIn(input.Names);
  const deleted = asked.filter((name) => store.parameters.delete(name));
  return { DeletedParameters: deleted, InvalidParameters: asked.filter((name) => !deleted.includes(name)) };
}

function getParameters(store: Store, input: GetParametersRequest): GetParametersResult {
  const asked = namesIn(input.Names);
  const found = asked.flatMap((name) => store.parameters.get(nameOf(store, name)) ?? []);
  return {
    Parameters: found.map((parameter) => show(store, parameter, input.WithDecryption)),
    InvalidParameters: asked.filter((name) => !store.parameters.has(nameOf(store, name))),
  };
}

function getByPath(store: Store, input: GetParametersByPathRequest): GetParametersByPathResult {
  const path = `${(input.Path ?? '').replace(/\/$/, '')}/`;
  if (!path.startsWith('/')) throw invalid("The parameter path must start with '/'.");
  const size = input.MaxResults ?? 10;
  if (size < 1 || size > 10) throw invalid("Value at 'maxResults' must be between 1 and 10.");
  const inPath = (name: string) =>
    name.startsWith(path) && (input.Recursive === true || !name.slice(path.length).includes('/'));
  const all = [...store.parameters.values()].filter(({ name }) => inPath(name));
  const start = Number(input.NextToken ?? 0);
  if (!Number.isInteger(start)) throw new AwsError('InvalidNextToken', 'The specified token is not valid.');
  const page = all.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(start, start + size);
  const more = start + size < all.length ? { NextToken: String(start + size) } : {};
  return { Parameters: page.map((parameter) => show(store, parameter, input.WithDecryption)), ...more };
}

function putParameter(store: Store, input: PutParameterRequest): PutParameterResult {
  const { Name: name = '', Value: value = '', KeyId: keyId } = input;
  checkName(name);
  const existing = store.parameters.get(name);
  if (existing && !input.Overwrite) {
    throw new AwsError(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  }
  const type = input.Type ?? existing?.type;
  if (!isType(type)) throw invalid('A parameter type is required when you create a parameter.');
  if (keyId !== undefined && type !== 'SecureString') {
    throw invalid('KeyId is required for SecureString type parameter only.');
  }
  if (keyId !== undefined && ![store.key.id, store.key.arn, store.key.alias].includes(keyId)) {
    throw new AwsError('InvalidKeyId', `Key '${keyId}' does not exist`);
  }
  checkValue(value);
  return { Version: keep(store, name, value, type).version, Tier: 'Standard' };
}

function keep(store: Store, name: string, value: string, type: StoredParameter['type']): StoredParameter {
  const arn = `${store.arnPrefix}${name.startsWith('/') ? '' : '/'}${name}`;
  const seal = () =>
    Buffer.from(store.key.encrypt(Buffer.from(value), { PARAMETER_ARN: arn })).toString('base64');
  const parameter: StoredParameter = {
    name,
    arn,
    type,
    kept: type === 'SecureString' ? seal() : value,
    version: (store.parameters.get(name)?.version ?? 0) + 1,
    modifiedAt: new Date(store.clock.nowMs()),
  };
  store.parameters.set(name, parameter);
  return parameter;
}

function show(store: Store, parameter: StoredParameter, withDecryption: boolean | undefined): Parameter {
  const { name, arn, type, kept, version, modifiedAt } = parameter;
  const open = () =>
    Buffer.from(store.key.decrypt(Buffer.from(kept, 'base64'), { PARAMETER_ARN: arn })).toString();
  return {
    Name: name,
    ARN: arn,
    Type: type,
    Value: type === 'SecureString' && withDecryption ? open() : kept,
    Version: version,
    LastModifiedDate: modifiedAt,
    DataType: 'text',
  };
}

/** Parameters are asked for by name or by ARN. */
function nameOf(store: Store, asked: string): string {
  return asked.startsWith(store.arnPrefix) ? asked.slice(store.arnPrefix.length) : asked;
}

function checkName(name: string): void {
  if (!/^[a-zA-Z0-9_.\-/]{1,1011}$/.test(name)) {
    throw invalid(
      'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of ' +
        'sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the ' +
        'following 3 symbols .-_',
    );
  }
  if (/^\/?(aws|ssm)/i.test(name)) throw new AwsError('AccessDeniedException', 'No access to reserved name.');
  if (name.includes('/') && !name.startsWith('/')) {
    throw invalid('Parameter name must be a fully qualified name.');
  }
}

function checkValue(value: string): void {
  if (value.length < 1) throw invalid("Value at 'value' failed to satisfy constraint: length at least 1");
  if (value.length <= STANDARD_CHARACTERS) return;
  throw invalid(
    `Standard tier parameters support a maximum parameter value of ${STANDARD_CHARACTERS} characters. ` +
      'To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.',
  );
}

const isType = (type: string | undefined): type is StoredParameter['type'] =>
  type === 'String' || type === 'StringList' || type === 'SecureString';

const invalid = (message: string) => new AwsError('ValidationException', message);
