export type { TaskStateChangeEvent } from './ecs/event.ts';
export type { AwsCall, AwsOptions, AwsWorld, Credentials, WorldTask } from './types.ts';
export { startAws } from './world.ts';
