import { beforeAll, describe, expect, it } from 'vitest';
import { type Packaged, packageService } from './package-service.ts';
import { asList, at, ofType, statementsOf } from './template.ts';

let packaged: Packaged;
beforeAll(async () => {
  packaged = await packageService();
}, 120_000);

const nameOf = (arn: unknown): string => String(at(arn, 'Fn::GetAtt', 0));

/** The queues that a function's role may send to. */
function sendsTo(role: string): readonly string[] {
  const statements = statementsOf(packaged.resolved, role).filter(({ Effect, Action }) =>
    asList(Action).some((action) => Effect === 'Allow' && ['sqs:SendMessage', 'sqs:*', '*'].includes(action)),
  );
  return statements.flatMap(({ Resource }) => asList(Resource).map(nameOf));
}

/** The queues that start a function. */
const startedBy = (id: string): readonly string[] =>
  ofType(packaged.resolved, 'AWS::Lambda::EventSourceMapping')
    .filter(([, mapping]) => JSON.stringify(mapping['FunctionName']).includes(`"${id}"`))
    .map(([, mapping]) => nameOf(mapping['EventSourceArn']));

describe('a function of the deployment', () => {
  it('should be let run in a loop where it sends to the queue that starts it, and nowhere else', () => {
    const functions = ofType(packaged.resolved, 'AWS::Lambda::Function');
    const looping = functions.filter(([id, { Role }]) => {
      const targets = sendsTo(nameOf(Role));
      return startedBy(id).some((queue) => targets.includes(queue));
    });
    const allowed = functions.filter(([, { RecursiveLoop }]) => RecursiveLoop === 'Allow');
    expect(looping.map(([id]) => id)).toEqual(['ReconcileLambdaFunction']);
    expect(allowed.map(([id]) => id)).toEqual(looping.map(([id]) => id));
  });
});
