export type { TaskStateChangeEvent } from './ecs/event.ts';
export type { TaskCommand } from './ecs/process.ts';
export type { AwsCall } from './iam/needs.ts';
export type { AwsOptions, AwsWorld, Credentials, WorldTask } from './types.ts';
export { startAws } from './world.ts';
