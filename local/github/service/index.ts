import { Hono } from 'hono';
import { createBroker } from './broker.ts';
import type { ServiceParts } from './parts.ts';
import { createRunService } from './run-service.ts';

/**
 * What Runner.Listener and Runner.Worker speak with, and their stand-ins. Not an API that the product calls: no faults
 * strike here and nothing is counted. The paths are those of `addressesOf`.
 */
export function createRunnerServices(parts: ServiceParts): Hono {
  const services = new Hono();
  services.route('/broker/:tenant', createBroker(parts));
  services.route('/run', createRunService(parts));
  return services;
}
