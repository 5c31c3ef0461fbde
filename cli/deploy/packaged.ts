import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Template } from '../../infra/template.ts';
import type { Build } from './plan/plan.ts';

const TEMPLATE = 'cloudformation-template-update-stack.json';

/** What osls packaged into a folder. */
export async function readPackage(folder: string): Promise<Build> {
  const template: Template = JSON.parse(await readFile(path.join(folder, TEMPLATE), 'utf8'));
  const zips = Object.values(template.Resources).flatMap(({ Type, Properties = {} }) => {
    if (Type !== 'AWS::Lambda::Function') return [];
    const key = String(Object(Properties['Code']).S3Key);
    return [[String(Properties['FunctionName']), path.join(folder, path.posix.basename(key))] as const];
  });
  const codes = zips.map(async ([name, zip]) => [name, digestOf(await readFile(zip))] as const);
  return { template, codes: new Map(await Promise.all(codes)) };
}

/** As Lambda's CodeSha256. */
const digestOf = (zip: Buffer): string => createHash('sha256').update(zip).digest('base64');
