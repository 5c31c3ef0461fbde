import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';

const INFRA = path.join(import.meta.dirname, '../../infra');

/** What osls makes of `functions` and `provider` in serverless.yml, and which no file of infra/ has. */
const BY_OSLS = [
  ...['AWS::ApiGatewayV2::Api', 'AWS::ApiGatewayV2::Integration', 'AWS::ApiGatewayV2::Route'],
  ...['AWS::ApiGatewayV2::Stage', 'AWS::Events::Rule', 'AWS::Lambda::EventInvokeConfig'],
  ...['AWS::Lambda::EventSourceMapping', 'AWS::Lambda::Function', 'AWS::Lambda::Permission'],
  ...['AWS::Logs::LogGroup', 'AWS::S3::Bucket', 'AWS::S3::BucketPolicy'],
];

/**
 * `cli/deploy/plan/replacing.json`: by the type of a resource, the properties that CloudFormation cannot change in place,
 * or sometimes cannot. By the specification that aws-cdk makes of the registry's schemas.
 */
export function replacingProperties(): string {
  const specification = loadAwsServiceSpecSync();
  const entries = typesInTemplates().map((type) => {
    const [found] = specification.lookup('resource', 'cloudFormationType', 'equals', type);
    if (found === undefined) throw new Error(`aws-service-spec has no ${type}`);
    const names = Object.entries(found.properties)
      .filter(([, { causesReplacement = 'no' }]) => causesReplacement !== 'no')
      .map(([name]) => name);
    return [type, names.toSorted().join(' ')];
  });
  return `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`;
}

function typesInTemplates(): string[] {
  const files = readdirSync(INFRA).filter((name) => name.endsWith('.yml'));
  const texts = files.map((name) => readFileSync(path.join(INFRA, name), 'utf8'));
  const named = texts.flatMap((text) =>
    [...text.matchAll(/Type: (AWS::[\w:]+)/g)].map(([, type = '']) => type),
  );
  return [...new Set([...named, ...BY_OSLS])].toSorted();
}
