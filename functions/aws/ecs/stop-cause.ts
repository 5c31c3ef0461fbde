import { type StopCause, SWEEP_STOP, type TaskStop } from '../../core/words/stop-causes.ts';
import { NO_ADDRESS, NO_CAPACITY } from './ecs-words.ts';

/**
 * ECS's words, the more specific first: an error of a container often stands within one of its task. Sources:
 * docs.aws.amazon.com, Amazon ECS stopped tasks error messages (a pull that finds no space is among them); nabu#1259 (InsufficientFreeAddressesInSubnet);
 * aws/containers-roadmap#2034 (capacity); docs.aws.amazon.com, AWS Fargate task retirement.
 */
const BY_WORDS: ReadonlyArray<readonly [pattern: RegExp, cause: StopCause]> = [
  [/OutOfMemory/i, 'out-of-memory'],
  [/no space left on device/i, 'disk-full'],
  [/CannotPull|registry auth|pull image|image manifest/i, 'image-pull'],
  [NO_ADDRESS, 'no-address'],
  [NO_CAPACITY, 'no-capacity'],
  [/Spot Task was interrupted|SpotInterruption/i, 'spot'],
  [/Host EC2|underlying infrastructure|retire(?:d|ment)/i, 'host'],
  [/ResourceInitializationError|Cannot\w+Error|ContainerRuntime\w*Error|TimeoutError/i, 'container-start'],
  [/internal ?(?:server ?)?error|ServerException/i, 'host'],
];

/** TaskStopCode of the ECS API reference; what is missing is told by the words alone. */
const BY_CODE: ReadonlyMap<string, StopCause> = new Map([
  ['SpotInterruption', 'spot'],
  ['TerminationNotice', 'host'],
  ['EssentialContainerExited', 'supervisor'],
]);

/** Longer words are cut: the record of a task is one line of a log, and is read by people. */
const MOST_CHARACTERS = 300;

/** What ECS says of a stopped task. `containerReason` is that of container `runner`, where memory is named. Total. */
export function readStop(
  code: string | undefined,
  stoppedReason: string | undefined,
  containerReason: string | undefined,
): TaskStop {
  const said = [...new Set([stoppedReason, containerReason])].filter((part) => part).join('; ');
  const reason = said.replace(/\s+/g, ' ').trim().slice(0, MOST_CHARACTERS);
  return { code, reason: reason || undefined, cause: causeOf(code, said) };
}

/** Who calls StopTask chooses the words, so they are not searched for ECS's. */
function causeOf(code: string | undefined, said: string): StopCause {
  if (code === 'UserInitiated') return said.startsWith(SWEEP_STOP) ? 'stopped-by-sweep' : 'stopped-by-hand';
  const byWords = BY_WORDS.find(([pattern]) => pattern.test(said))?.[1];
  return byWords ?? BY_CODE.get(code ?? '') ?? 'unknown';
}
