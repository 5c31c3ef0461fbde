import {
  DescribeRepositories$,
  type DescribeRepositoriesRequest,
  type DescribeRepositoriesResponse,
} from '@aws-sdk/client-ecr';
import { AwsError } from '../errors.ts';
import { operation, type Service } from '../service.ts';

/** An empty registry: osls looks for a repository of its own before it removes a stack. */
export function createEcr(): Service {
  return {
    api: 'ecr',
    target: 'AmazonEC2ContainerRegistry_V20150921',
    jsonVersion: '1.1',
    internalError: 'ServerException',
    invalid: (problem) => new AwsError('InvalidParameterException', problem.message),
    operations: {
      DescribeRepositories: operation<DescribeRepositoriesRequest, DescribeRepositoriesResponse>(
        DescribeRepositories$,
        ({ repositoryNames = [] }) => {
          throw new AwsError(
            'RepositoryNotFoundException',
            `The repository with name '${repositoryNames[0]}' does not exist in the registry`,
          );
        },
      ),
    },
  };
}
