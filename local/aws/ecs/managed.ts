/**
 * What RunTask refuses on ECS Managed Instances and takes on Fargate, and the other way round. Sources: ECS API reference, RunTask;
 * ECS developer guide, Managed Instances (AWS-67, AWS-66). The words of a refusal are those of EC2's launch type where the guide
 * has none of its own.
 */
import type { PlacementConstraint, RunTaskRequest } from '@aws-sdk/client-ecs';
import { AwsError } from '../errors.ts';
import type { Definition } from './definitions.ts';

/** A provider that somebody has made. Fargate's two are there by themselves. */
export const isManaged = (provider: string | undefined): boolean =>
  provider !== undefined && !provider.startsWith('FARGATE');

/** A strategy names providers of one kind (AWS-102). */
export function checkOneKind(providers: readonly (string | undefined)[]): void {
  if (new Set(providers.map(isManaged)).size > 1)
    throw invalid(
      'A capacity provider strategy cannot contain a mix of capacity providers using Fargate and Managed Instances. Specify one or the other and try again.',
    );
}

/** A definition that requires the one kind does not run on the other. */
export function checkDefinition({ compatibility }: Definition, provider: string | undefined): void {
  const asked = isManaged(provider) ? 'MANAGED_INSTANCES' : 'FARGATE';
  if (compatibility !== asked) throw invalid(`Task definition does not support launch_type ${asked}.`);
}

/** Where a task may be placed, and what it may ask for there. */
export function checkPlacement(request: RunTaskRequest, provider: string | undefined): void {
  const { placementConstraints = [], platformVersion, overrides, networkConfiguration } = request;
  if (!isManaged(provider)) {
    if (placementConstraints.length > 0)
      throw invalid('Placement constraints are not supported with FARGATE.');
    return;
  }
  for (const constraint of placementConstraints) checkConstraint(constraint);
  if (platformVersion !== undefined)
    throw invalid('The platform version must be null when specifying an MANAGED_INSTANCES launch type.');
  if (overrides?.ephemeralStorage !== undefined)
    throw invalid('Ephemeral storage is not supported for this launch type.');
  if (networkConfiguration?.awsvpcConfiguration?.assignPublicIp === 'ENABLED')
    throw invalid('Assign public IP is not supported for this launch type.');
}

/** AWS-102. */
function checkConstraint({ type, expression }: PlacementConstraint): void {
  if (type !== 'distinctInstance' && type !== 'memberOf')
    throw invalid('Placement constraint type should be one of [distinctInstance,memberOf].');
  if (type === 'distinctInstance' && expression !== undefined)
    throw invalid('An expression cannot be specified if the constraint type is distinctInstance.');
  if (type === 'memberOf' && !expression) throw invalid('The constraint memberOf needs an expression.');
}

const invalid = (message: string) => new AwsError('InvalidParameterException', message);
