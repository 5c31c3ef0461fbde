import { isDeepStrictEqual } from 'node:util';
import { NO_TEMPLATE, type Template } from '../../../infra/template.ts';
import { planChange } from '../cloudformation/change.ts';
import { nameOf, type Site } from '../cloudformation/names.ts';
import { AwsError } from '../errors.ts';
import type { Principal } from '../keyring.ts';
import type { Account, Stack, StackEvent } from './account.ts';
import { changeStack, outputsOf, siteOf } from './stack-change.ts';
import type { Xml } from './xml.ts';

const UNCHANGED =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

/**
 * The stack that a deployment makes, changes and removes. It makes no other resources: the world has what the functions
 * need.
 */
export const cloudFormationActions = {
  DescribeStacks: (input: URLSearchParams, account: Account) => ({
    Stacks: { member: show(account, stackFor(input, account)) },
  }),
  ValidateTemplate: () => ({ Parameters: { member: [] } }),
  CreateChangeSet: createChangeSet,
  DescribeChangeSet: (input: URLSearchParams, account: Account) => {
    const { template } = account.changeSets.get(input.get('ChangeSetName') ?? '') ?? missing(input);
    return {
      ChangeSetName: input.get('ChangeSetName') ?? '',
      StackName: input.get('StackName') ?? '',
      StackId: stackId(account, input.get('StackName') ?? ''),
      ...(template === undefined
        ? { Status: 'FAILED', StatusReason: UNCHANGED }
        : { Status: 'CREATE_COMPLETE' }),
    };
  },
  DeleteChangeSet: (input: URLSearchParams, { changeSets }: Account) => {
    changeSets.delete(input.get('ChangeSetName') ?? '');
    return {};
  },
  ExecuteChangeSet: async (input: URLSearchParams, account: Account, caller: Principal) => {
    const { template, isFirst } = account.changeSets.get(input.get('ChangeSetName') ?? '') ?? missing(input);
    const stack = stackFor(input, account);
    await changeStack(account, stack, template ?? NO_TEMPLATE, isFirst ? 'CREATE' : 'UPDATE', caller);
    return {};
  },
  DescribeStackEvents: (input: URLSearchParams, account: Account) => {
    const stack = stackFor(input, account);
    const { events = [] } = stack;
    return { StackEvents: { member: events.map((event) => showEvent(account, stack, event)).toReversed() } };
  },
  GetTemplate: (input: URLSearchParams, account: Account) => ({
    TemplateBody: JSON.stringify(stackFor(input, account).template ?? NO_TEMPLATE),
  }),
  DescribeStackResource: (input: URLSearchParams, account: Account) => {
    const logicalId = input.get('LogicalResourceId') ?? '';
    const site = siteOf(account, stackFor(input, account));
    if (!(logicalId in site.resources))
      throw new AwsError('ValidationError', `Resource ${logicalId} does not exist for stack ${site.stack}`);
    return { StackResourceDetail: { ...showResource(site, logicalId), StackName: site.stack } };
  },
  ListStackResources: (input: URLSearchParams, account: Account) => {
    const site = siteOf(account, stackFor(input, account));
    return {
      StackResourceSummaries: { member: Object.keys(site.resources).map((id) => showResource(site, id)) },
    };
  },
  DeleteStack: async (input: URLSearchParams, account: Account, caller: Principal) => {
    const stack = stackFor(input, account);
    await changeStack(account, stack, NO_TEMPLATE, 'DELETE', caller);
    if (stack.status === 'DELETE_COMPLETE') account.stack = undefined;
    return {};
  },
};

const stackId = ({ region, id }: Account, name: string): string =>
  `arn:aws:cloudformation:${region}:${id}:stack/${name}/0`;

const missing = (input: URLSearchParams): never => {
  throw new AwsError('ChangeSetNotFound', `ChangeSet [${input.get('ChangeSetName')}] does not exist`, 404);
};

/** By its name or its id. */
function stackFor(input: URLSearchParams, { stack }: Account): Stack {
  const asked = input.get('StackName');
  const name = asked?.startsWith('arn:') ? asked.split('/')[1] : asked;
  if (stack !== undefined && (name === null || name === stack.name)) return stack;
  throw new AwsError('ValidationError', `Stack with id ${asked ?? ''} does not exist`);
}

function createChangeSet(input: URLSearchParams, account: Account) {
  const name = input.get('StackName') ?? '';
  const isFirst = input.get('ChangeSetType') === 'CREATE';
  if (isFirst) account.stack = { name, status: 'REVIEW_IN_PROGRESS', outputs: {} };
  const stack = stackFor(input, account);
  stack.tags = tagsIn(input);
  const template = templateIn(input, account);
  const isChange =
    planChange(siteOf(account, stack), siteOf(account, { ...stack, template })).length > 0 ||
    !isDeepStrictEqual(outputsOf(account, stack.template ?? NO_TEMPLATE), outputsOf(account, template));
  account.changeSets.set(input.get('ChangeSetName') ?? '', {
    isFirst,
    template: isChange ? template : undefined,
  });
  return { Id: `${stackId(account, name)}/change`, StackId: stackId(account, name) };
}

function tagsIn(input: URLSearchParams): Record<string, string> {
  const tags: Record<string, string> = {};
  for (let index = 1; input.has(`Tags.member.${index}.Key`); index += 1)
    tags[input.get(`Tags.member.${index}.Key`) ?? ''] = input.get(`Tags.member.${index}.Value`) ?? '';
  return tags;
}

/** In the call, or in a bucket: `https://s3.amazonaws.com/BUCKET/KEY`. */
function templateIn(input: URLSearchParams, { objects }: Account): Template {
  const url = input.get('TemplateURL');
  if (url === null) return JSON.parse(input.get('TemplateBody') ?? '{}');
  const stored = objects.get(decodeURIComponent(new URL(url).pathname.slice(1)));
  if (stored === undefined) throw new AwsError('ValidationError', `S3 error: no object at ${url}`);
  return JSON.parse(stored.body.toString('utf8'));
}

function show(account: Account, { name, status, outputs, tags = { 'oneshot:stack': name } }: Stack): Xml {
  return {
    StackId: stackId(account, name),
    StackName: name,
    CreationTime: '2026-01-01T00:00:00.000Z',
    StackStatus: status,
    Outputs: {
      member: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
    },
    Tags: { member: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
  };
}

const showEvent = (account: Account, { name }: Stack, event: StackEvent): Xml => ({
  StackId: stackId(account, name),
  EventId: event.id,
  StackName: name,
  LogicalResourceId: event.logicalId,
  ResourceType: event.type,
  ResourceStatus: event.status,
  ResourceStatusReason: event.reason ?? '',
  Timestamp: '2026-01-01T00:00:00.000Z',
});

const showResource = (site: Site, logicalId: string) => ({
  LogicalResourceId: logicalId,
  PhysicalResourceId: physicalId(site, logicalId),
  ResourceType: site.resources[logicalId]?.Type ?? '',
  ResourceStatus: 'CREATE_COMPLETE',
  LastUpdatedTimestamp: '2026-01-01T00:00:00.000Z',
});

function physicalId(site: Site, logicalId: string): string {
  try {
    return nameOf(site, logicalId);
  } catch {
    return logicalId;
  }
}
