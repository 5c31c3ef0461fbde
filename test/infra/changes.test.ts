import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../functions/core/words/errors.ts';
import type { ZoneLetter } from '../../infra/derive.ts';
import { type DeployedNetwork, deployedNetwork, keepNetwork, setZones } from '../../infra/network-changes.ts';
import { type Parameters, readParameters } from '../../infra/parameters.ts';
import { changeSet, conflicts } from './change-set.ts';
import { packageSkeleton } from './skeleton.ts';
import { resolveConditions, type Template } from './template.ts';
import { CHANGES, EXISTING, parametersWith } from './variants.ts';

type Changes = (typeof CHANGES)[number];

let templateWith: Awaited<ReturnType<typeof packageSkeleton>>;

beforeAll(async () => {
  templateWith = await packageSkeleton();
}, 300_000);

/** The region's first two zones, where none are named. */
const FIRST_ZONES = ['b', 'c'] as const;

const templates = new Map<string, Template>();

/** As infra/account-plugin.js does: what is sent to CloudFormation over what is there. Throws what it refuses. */
function sent(changes: Changes, deployed?: DeployedNetwork): Template {
  const wanted = readParameters(parametersWith(changes));
  const zones = keepNetwork(deployed, wanted) ?? FIRST_ZONES;
  const key = JSON.stringify([changes, zones]);
  const template = templates.get(key) ?? filled(changes, zones, wanted);
  templates.set(key, template);
  return template;
}

function filled(changes: Changes, zones: readonly ZoneLetter[], wanted: Parameters): Template {
  const template = templateWith(changes);
  setZones(template, zones, wanted);
  return resolveConditions(shortened(template) as Template);
}

/** Long texts, the supervisor and the buildspecs, by their digests: they are compared thousands of times. */
function shortened(value: unknown): unknown {
  if (typeof value === 'string') return value.length < 200 ? value : digest(value);
  if (Array.isArray(value)) return value.map(shortened);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shortened(inner)]));
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

const outputsOf = ({ Outputs }: Template) =>
  Object.entries(Outputs).map(([OutputKey, { Value }]) => ({ OutputKey, OutputValue: String(Value) }));

/** Of a deployment with these parameters over one with those: nothing, what it is refused with, or what goes wrong. */
function outcome(from: Template, to: Changes): { refused?: string; conflicts?: readonly string[] } {
  try {
    const found = conflicts(from, sent(to, deployedNetwork(outputsOf(from))));
    return found.length === 0 ? {} : { conflicts: found };
  } catch (error) {
    if (error instanceof ConfigurationError) return { refused: error.message };
    throw error;
  }
}

describe('a deployment over another with any other parameters', () => {
  it('should make again nothing that cannot be, or be refused with the way out', () => {
    const refused = new Set<string>();
    for (const first of CHANGES) {
      const from = sent(first);
      for (const then of CHANGES) {
        const { refused: message, ...rest } = outcome(from, then);
        expect({ first, then, ...rest }).toEqual({ first, then });
        if (message !== undefined) refused.add(message);
      }
    }
    for (const message of refused) expect(message).toMatch(/cannot change .* Deploy another stage/s);
    expect(refused.size).toBe(2);
  }, 300_000);

  it('should have a way out of each that is refused: over an existing network', () => {
    const between = sent(EXISTING, deployedNetwork(outputsOf(sent({}))));
    expect(conflicts(sent({}), between)).toEqual([]);
    expect(outcome(between, { vpcCidr: '10.84.0.0/16' })).toEqual({});
  });

  it('should change nothing where nothing is changed, the zones that were chosen at first included', () => {
    for (const changes of CHANGES) {
      const from = sent(changes);
      const again = sent(changes, deployedNetwork(outputsOf(from)));
      expect({ changes, ...changeSet(from, again) }).toEqual({ changes, made: [], removed: [] });
      expect(again.Outputs['ZoneLetters']).toEqual(from.Outputs['ZoneLetters']);
    }
  });
});

/** What no check would refuse, to see that it would be noticed. */
describe('a change that CloudFormation cannot make', () => {
  const conflictsWith = (to: Changes) => conflicts(sent({}), sent(to));

  it('should be noticed: another range, whose VPC gets an internet gateway that is attached, and a held address', () => {
    const found = conflicts(
      sent({ network: 'private' }),
      sent({ network: 'private', vpcCidr: '10.84.0.0/16' }),
    );
    expect(found).toContainEqual(expect.stringMatching(/^InternetGatewayAttachment: .* still holds/));
    expect(found).toContainEqual(expect.stringMatching(/^NatGatewayB: NatGatewayB still holds/));
    expect(conflictsWith({ vpcCidr: '10.84.0.0/16' })).toEqual([
      expect.stringMatching(/^InternetGatewayAttachment/),
    ]);
  });

  /** The template with a property of one resource changed. */
  function edited(id: string, change: Readonly<Record<string, unknown>>, newId = id): Template {
    const template = structuredClone(sent({}));
    const { [id]: resource, ...others } = template.Resources;
    if (resource === undefined) throw new Error(`no resource ${id}`);
    const made = { ...resource, Properties: { ...resource.Properties, ...change } };
    return { ...template, Resources: { ...others, [newId]: made } };
  }

  it.each([
    ['a subnet in another zone with the same range', 'PublicSubnetB', { AvailabilityZone: 'us-east-1d' }],
    ['a subnet with half of the range', 'PublicSubnetB', { CidrBlock: '10.83.48.0/20' }],
    ['a role that has a name, under another path', 'TaskRole', { Path: '/tasks/' }],
    ['a queue that becomes another kind', 'DoubtQueue', { FifoQueue: false }],
    ['a log group of another name', 'RunnerLogGroup', { LogGroupName: '/oneshot/other' }],
  ])('should be noticed: %s', (_, id, change) => {
    expect(conflicts(sent({}), edited(id, change))).toContainEqual(expect.stringMatching(`^${id}: `));
  });

  it('should be noticed: another logical id for what has a name, or a range', () => {
    for (const id of ['RunnerLogGroup', 'DoubtQueue', 'WebhookLambdaFunction', 'PublicSubnetB', 'Dashboard'])
      expect(conflicts(sent({}), edited(id, {}, `${id}2`))).toContainEqual(
        expect.stringMatching(`^${id}2: ${id} still holds`),
      );
  });
});
