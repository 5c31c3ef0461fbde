import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import type { AwsConfig } from '../aws.ts';
import { type Account, type Look, looked, type Reading } from './link.ts';

interface Quota {
  readonly service: string;
  readonly code: string;
  /** As Service Quotas shows it. */
  readonly name: string;
}

/** By Service Quotas' own codes, which are the same in every region (`aws service-quotas list-service-quotas`). */
export const QUOTAS = {
  functions: { service: 'lambda', code: 'L-B99A9384', name: 'Concurrent executions' },
  onDemandVcpus: { service: 'fargate', code: 'L-3032A538', name: 'Fargate On-Demand vCPU resource count' },
  spotVcpus: { service: 'fargate', code: 'L-36FBB829', name: 'Fargate Spot vCPU resource count' },
  dockerVcpus: {
    service: 'ec2',
    code: 'L-1216C47A',
    name: 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances',
  },
  vpcs: { service: 'vpc', code: 'L-F678F1CE', name: 'VPCs per Region' },
  addresses: { service: 'ec2', code: 'L-0263D0A3', name: 'EC2-VPC Elastic IPs' },
  x64Builds: {
    service: 'codebuild',
    code: 'L-9D07B6EF',
    name: 'Concurrently running builds for Linux/Small environment',
  },
  arm64Builds: {
    service: 'codebuild',
    code: 'L-5ED1D25B',
    name: 'Concurrently running builds for ARM/Small environment',
  },
} as const satisfies Readonly<Record<string, Quota>>;
type QuotaName = keyof typeof QUOTAS;

/** Below it a matrix of any size waits: new accounts have as little. */
export const SMALL_QUOTA_VCPUS = 16;

/** The fix where a quota cannot be read. */
export const QUOTAS_UNREAD = 'check whether Service Quotas is up (health.aws.amazon.com)';

/** What an account may have of one before anything is deployed. */
export const quotaOf = (name: QuotaName): Reading<Look<number>, Account> =>
  looked('servicequotas:GetServiceQuota and servicequotas:GetAWSDefaultServiceQuota', ({ aws }) =>
    readQuota(aws, name),
  );

/** What the account may have of it in this region. */
export async function readQuota(aws: AwsConfig, name: QuotaName): Promise<number> {
  const client = new ServiceQuotasClient(aws);
  const { service: ServiceCode, code: QuotaCode } = QUOTAS[name];
  const { Quota } = await client
    .send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode }))
    .catch((error) => {
      // "For some quotas, only the default values are available" (Service Quotas API reference, ListServiceQuotas).
      if (error instanceof Error && error.name === 'NoSuchResourceException')
        return client.send(new GetAWSDefaultServiceQuotaCommand({ ServiceCode, QuotaCode }));
      throw error;
    });
  if (Quota?.Value === undefined) throw new Error(`Service Quotas has no value of ${QUOTAS[name].name}`);
  return Quota.Value;
}

/** The command that asks for more. */
export function askForMore(name: QuotaName, least: number, region: string): string {
  const { service, code, name: shown } = QUOTAS[name];
  return (
    `ask Service Quotas for more of "${shown}": aws service-quotas request-service-quota-increase --region ${region} ` +
    `--service-code ${service} --quota-code ${code} --desired-value ${least}`
  );
}
