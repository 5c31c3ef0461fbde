import { beforeAll, describe, expect, it } from 'vitest';
import { findProblems } from '../../../infra/parameters.ts';
import { packageSkeleton } from '../skeleton.ts';
import {
  asList,
  at,
  ofType,
  references,
  resolveConditions,
  statementsOf,
  type Template,
} from '../template.ts';
import { UNSCOPABLE } from '../unscopable.ts';
import { COMBINATIONS, parametersWith } from '../variants.ts';

const DEPLOYMENT = { stack: 'oneshot-dev', region: 'us-east-1' };

let templateWith: Awaited<ReturnType<typeof packageSkeleton>>;

beforeAll(async () => {
  templateWith = await packageSkeleton();
}, 300_000);

const possible = COMBINATIONS.filter(
  (changes) => findProblems(parametersWith(changes), DEPLOYMENT).length === 0,
);

const missing = ({ Resources, Outputs }: Template): string[] =>
  references({ Resources, Outputs }).filter((name) => !name.startsWith('AWS::') && !(name in Resources));

const NAMES = ['LogGroupName', 'QueueName', 'RoleName', 'AlarmName', 'Name', 'CidrBlock'];

/** Names that two resources of a type have in common. A Ref names another resource. */
function shared({ Resources }: Template): string[] {
  const isName = (value: unknown) => typeof value === 'string' || at(value, 'Fn::Sub') !== undefined;
  const names = Object.values(Resources).flatMap(({ Type, Properties }) =>
    NAMES.filter((key) => isName(Properties[key])).map((key) => JSON.stringify([Type, key, Properties[key]])),
  );
  return names.filter((name, index) => names.indexOf(name) !== index);
}

/** Log groups that would be kept forever. */
const keptForEver = (template: Template): string[] =>
  ofType(template, 'AWS::Logs::LogGroup').flatMap(([name, group]) =>
    typeof group['RetentionInDays'] === 'number' ? [] : [name],
  );

/** What any role of the stack may do to everything. */
function unscoped(template: Template): string[] {
  const statements = ofType(template, 'AWS::IAM::Role').flatMap(([role]) => statementsOf(template, role));
  return statements
    .filter(({ Effect, Resource }) => Effect === 'Allow' && asList(Resource).includes('*'))
    .flatMap(({ Action }) => asList(Action))
    .filter((action) => !(action in UNSCOPABLE));
}

describe('every combination of parameters that changes resources', () => {
  it('should be looked at, but for those that the check refuses', () => {
    expect(possible.length).toBeGreaterThan(1000);
    expect(possible.length).toBeLessThan(COMBINATIONS.length);
  });

  it('should refer to nothing that it does not make, name no two things alike, keep no log forever, open nothing', () => {
    const nothing = { missing: [], shared: [], keptForEver: [], unscoped: [] };
    for (const changes of possible) {
      const template = resolveConditions(templateWith(changes));
      const found = {
        missing: missing(template),
        shared: shared(template),
        keptForEver: keptForEver(template),
        unscoped: unscoped(template),
      };
      expect({ changes, ...found }).toEqual({ changes, ...nothing });
    }
  }, 300_000);
});
