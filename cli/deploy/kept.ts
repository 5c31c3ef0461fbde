import { CloudFormationClient, DescribeStackResourceCommand } from '@aws-sdk/client-cloudformation';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Template } from '../../infra/template.ts';
import { type AwsConfig, awsError } from '../aws.ts';
import type { Build, Place } from './plan/plan.ts';

/** A deployment that osls keeps in the stack's bucket, to go back to. */
interface Kept extends Build {
  /** By which osls knows it: epoch milliseconds. */
  readonly timestamp: string;
}

/** As osls names what it uploads: serverless/SERVICE/STAGE/MILLISECONDS-ISO TIME/FILE. */
const KEY = /^(serverless\/[^/]+\/[^/]+\/(\d+)-[^/]+)\/compiled-cloudformation-template\.json$/;

/** What is kept and older than what is deployed, the newest first. Throws CliError. */
export async function* readKept(config: AwsConfig, place: Place, deployed: Template): AsyncGenerator<Kept> {
  const [s3, Bucket] = [new S3Client(config), await bucketOf(config, place.stack)];
  const found = await listKept(s3, Bucket, folderOf(place));
  for (const { key: Key, timestamp } of found.filter((one) => one.timestamp < timestampOf(deployed))) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key })).catch(unread(Bucket));
    const template: Template = JSON.parse((await Body?.transformToString()) ?? '');
    yield { timestamp: String(timestamp), template, codes: await readCodes(s3, Bucket, template) };
  }
}

const folderOf = ({ stage }: Place): string => `serverless/oneshot/${stage}/`;

/** Deletes what a deployment uploaded that failed: nobody is to go back to it. What cannot be deleted stays. */
export async function forgetUpload(config: AwsConfig, place: Place, failed: Template): Promise<void> {
  try {
    const [s3, Bucket] = [new S3Client(config), await bucketOf(config, place.stack)];
    const Prefix = `${folderOf(place)}${timestampOf(failed)}-`;
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
    const Objects = Contents.map(({ Key }) => ({ Key }));
    if (Objects.length > 0) await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  } catch {
    // The failure of the deployment is what counts.
  }
}

/** Of the upload that its functions run. */
function timestampOf({ Resources }: Template): number {
  const keys = Object.values(Resources).flatMap(({ Type, Properties }) =>
    Type === 'AWS::Lambda::Function' ? [String(Object(Properties?.['Code']).S3Key)] : [],
  );
  return Math.max(...keys.map((key) => Number(/\/(\d+)-[^/]+\/[^/]+$/.exec(key)?.[1] ?? 0)));
}

async function bucketOf(config: AwsConfig, StackName: string): Promise<string> {
  const LogicalResourceId = 'ServerlessDeploymentBucket';
  const command = new DescribeStackResourceCommand({ StackName, LogicalResourceId });
  const { StackResourceDetail } = await new CloudFormationClient(config).send(command).catch((cause) => {
    throw awsError(cause, `AWS did not name the bucket of ${StackName}`);
  });
  return StackResourceDetail?.PhysicalResourceId ?? '';
}

/** Newest first. */
async function listKept(s3: S3Client, Bucket: string, Prefix: string) {
  const found: { readonly key: string; readonly timestamp: number }[] = [];
  for (let token: string | undefined; ; ) {
    const page = await s3
      .send(new ListObjectsV2Command({ Bucket, Prefix, ...(token && { ContinuationToken: token }) }))
      .catch(unread(Bucket));
    for (const { Key: key = '' } of page.Contents ?? []) {
      const [, , time] = KEY.exec(key) ?? [];
      if (time !== undefined) found.push({ key, timestamp: Number(time) });
    }
    token = page.NextContinuationToken;
    if (token === undefined) return found.toSorted((one, other) => other.timestamp - one.timestamp);
  }
}

/** By each function's name; osls writes the digest beside what it uploads. */
async function readCodes(s3: S3Client, Bucket: string, { Resources }: Template) {
  const functions = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  const read = functions.map(async ({ Properties = {} }) => {
    const Key = String(Object(Properties['Code']).S3Key);
    const { Metadata } = await s3.send(new HeadObjectCommand({ Bucket, Key })).catch(unread(Bucket));
    return [String(Properties['FunctionName']), Metadata?.['filesha256'] ?? 'unknown'] as const;
  });
  return new Map(await Promise.all(read));
}

const unread =
  (bucket: string) =>
  (cause: unknown): never => {
    throw awsError(cause, `what the bucket ${bucket} keeps of earlier deployments could not be read`);
  };
