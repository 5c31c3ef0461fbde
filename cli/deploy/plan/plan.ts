import { isDeepStrictEqual } from 'node:util';
import { NO_TEMPLATE, resolveTemplate, type Site, type Template } from '../../../infra/template.ts';
import { type Change, changesBetween } from './changes.ts';
import { type Price, priceOf } from './price.ts';

/** A template with the code that its functions have. */
export interface Build {
  readonly template: Template;
  /** SHA-256 of each function's code by the function's name, base64. */
  readonly codes: ReadonlyMap<string, string>;
}

/** What is deployed now. */
export interface DeployedBuild extends Build {
  /** `undefined` of one that was made before stacks said it. */
  readonly version: string | undefined;
  readonly liveTasks: number;
}

/** Where a deployment goes. */
export interface Place extends Site {
  readonly stack: string;
  readonly stage: string;
  readonly account: string;
}

/** A parameter that another value is deployed of. */
export interface ParameterChange {
  readonly name: string;
  /** `undefined` of one that the deployed version did not have, or that is first given. */
  readonly before: string | undefined;
  readonly after: string;
}

/** What a deployment would do. */
export interface DeployPlan {
  readonly place: Place;
  /** `same`: it would do nothing. */
  readonly kind: 'first' | 'update' | 'same';
  readonly versions: { readonly before: string | undefined; readonly after: string };
  readonly changes: readonly Change[];
  readonly parameters: readonly ParameterChange[];
  /** Whether the stack says which parameters it was deployed with. */
  readonly areParametersKnown: boolean;
  readonly price: Price;
  readonly priceBefore: Price | undefined;
  readonly liveTasks: number;
  /** Whether there will be capacity for jobs that need Docker. */
  readonly hasDocker: boolean;
}

type Parameters = Readonly<Record<string, string>>;

/** Compares what is deployed, if anything is, with what is to be; `defaults` are those of this version. Pure. */
export function planDeployment(
  place: Place,
  deployed: DeployedBuild | undefined,
  wanted: Build,
  defaults: Parameters,
): DeployPlan {
  const [from, to] = [deployed?.template ?? NO_TEMPLATE, wanted.template].map((template) =>
    resolveTemplate(template, place),
  ) as [Template, Template];
  const changes = changesBetween(withCodes(from, deployed?.codes), withCodes(to, wanted.codes));
  const before = parametersOf(deployed?.template);
  const parameters = changedParameters(before ?? defaults, parametersOf(wanted.template) ?? {}, before);
  return {
    place,
    kind: kindOf(deployed, changes.length > 0 || !isDeepStrictEqual(from.Outputs, to.Outputs)),
    versions: { before: deployed?.version, after: String(to.Outputs?.['Version']?.Value) },
    changes,
    parameters,
    areParametersKnown: deployed === undefined || before !== undefined,
    price: priceOf(to),
    priceBefore: deployed && priceOf(from),
    liveTasks: deployed?.liveTasks ?? 0,
    hasDocker: 'DockerCapacity' in to.Resources,
  };
}

/** A version that changes only what the stack says of itself, its outputs, is deployed too. */
function kindOf(deployed: DeployedBuild | undefined, isChange: boolean): DeployPlan['kind'] {
  if (deployed === undefined) return 'first';
  return isChange ? 'update' : 'same';
}

/** What `infra/about.yml` says. */
const parametersOf = (template: Template | undefined): Parameters | undefined =>
  Object(template?.Metadata?.['oneshot']).parameters;

const changedParameters = (
  known: Parameters,
  after: Parameters,
  before: Parameters | undefined,
): ParameterChange[] =>
  Object.entries(after)
    .filter(([name, value]) => known[name] !== value)
    .map(([name, value]) => ({ name, before: before?.[name], after: value }));

/** Each function with the digest of its code: the key of its object is another with each upload. */
function withCodes(template: Template, codes: ReadonlyMap<string, string> | undefined): Template {
  const Resources = Object.fromEntries(
    Object.entries(template.Resources).map(([id, resource]) => {
      const { Type, Properties = {} } = resource;
      const digest = codes?.get(String(Properties['FunctionName']));
      if (Type !== 'AWS::Lambda::Function' || digest === undefined) return [id, resource];
      return [id, { ...resource, Properties: { ...Properties, Code: digest } }];
    }),
  );
  return { ...template, Resources };
}

/** Whether something goes that a person may miss. */
export const losesSomething = ({ changes }: DeployPlan): boolean =>
  changes.some(
    ({ action, isKept, type }) =>
      !isKept && (action === 'delete' || (action === 'replace' && type !== 'AWS::ECS::TaskDefinition')),
  );
