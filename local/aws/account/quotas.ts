import {
  GetAWSDefaultServiceQuota$,
  type GetAWSDefaultServiceQuotaRequest,
  type GetAWSDefaultServiceQuotaResponse,
  GetServiceQuota$,
  type GetServiceQuotaRequest,
  type GetServiceQuotaResponse,
} from '@aws-sdk/client-service-quotas';
import { AwsError } from '../errors.ts';
import { operation, type Service } from '../service.ts';
import type { Account } from './account.ts';
import { QUOTAS } from './quota-list.ts';

/** Service Quotas, of what the command line asks. */
export function createQuotas(account: Account): Service {
  return {
    api: 'servicequotas',
    target: 'ServiceQuotasV20190624',
    jsonVersion: '1.1',
    internalError: 'ServiceException',
    invalid: (problem) => new AwsError('IllegalArgumentException', problem.message),
    operations: {
      GetServiceQuota: operation<GetServiceQuotaRequest, GetServiceQuotaResponse>(
        GetServiceQuota$,
        (input) => {
          const { service, code, name } = find(input);
          const Value = account.quotas.get(code);
          if (Value === undefined) throw missing(code);
          return { Quota: { ServiceCode: service, QuotaCode: code, QuotaName: name, Value } };
        },
      ),
      GetAWSDefaultServiceQuota: operation<
        GetAWSDefaultServiceQuotaRequest,
        GetAWSDefaultServiceQuotaResponse
      >(GetAWSDefaultServiceQuota$, (input) => {
        const { service, code, name, usual } = find(input);
        return { Quota: { ServiceCode: service, QuotaCode: code, QuotaName: name, Value: usual } };
      }),
    },
  };
}

function find({ ServiceCode, QuotaCode }: GetServiceQuotaRequest) {
  const found = QUOTAS.find(({ service, code }) => service === ServiceCode && code === QuotaCode);
  if (found === undefined) throw missing(`${ServiceCode} ${QuotaCode}`);
  return found;
}

const missing = (what: string): AwsError =>
  new AwsError('NoSuchResourceException', `The request failed because the quota ${what} does not exist.`);
