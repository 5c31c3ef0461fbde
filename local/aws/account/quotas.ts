import {
  ListServiceQuotas$,
  type ListServiceQuotasRequest,
  type ListServiceQuotasResponse,
} from '@aws-sdk/client-service-quotas';
import { AwsError } from '../errors.ts';
import { operation, type Service } from '../service.ts';
import type { Account } from './account.ts';

/** Service Quotas, of Fargate. */
export function createQuotas(account: Account): Service {
  return {
    api: 'servicequotas',
    target: 'ServiceQuotasV20190624',
    jsonVersion: '1.1',
    internalError: 'ServiceException',
    invalid: (problem) => new AwsError('IllegalArgumentException', problem.message),
    operations: {
      ListServiceQuotas: operation<ListServiceQuotasRequest, ListServiceQuotasResponse>(
        ListServiceQuotas$,
        ({ ServiceCode }) => {
          if (ServiceCode !== 'fargate')
            throw new AwsError('NoSuchResourceException', `The service ${ServiceCode} does not exist.`);
          const { onDemand, spot } = account.vcpus;
          const quota = (QuotaName: string, Value: number) => ({ ServiceCode, QuotaName, Value });
          return {
            Quotas: [
              quota('Fargate On-Demand vCPU resource count', onDemand),
              quota('Fargate Spot vCPU resource count', spot),
            ],
          };
        },
      ),
    },
  };
}
