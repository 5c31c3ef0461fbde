import { type ProviderName, providerNamed } from '../../core/job/providers.ts';

interface Placed {
  readonly taskDefinitionArn?: string | undefined;
  readonly capacityProviderName?: string | undefined;
}

/** By the family (infra/docker.yml) where the deployment made the provider itself: a task says it from its first moment. */
export const providerOf = ({ taskDefinitionArn, capacityProviderName }: Placed): ProviderName =>
  /-docker-(x64|arm64):\d+$/.test(taskDefinitionArn ?? '') ? 'docker' : providerNamed(capacityProviderName);
