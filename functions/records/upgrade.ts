import { providerFor } from '../core/job/providers.ts';
import { isObject } from '../kit/json.ts';
import { VERSION } from './parts.ts';

/** Words of version 1, each only where it stood, and what stands for them now. */
const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['at-capacity', 'at-concurrency-limit'],
  ['capacity-limited', 'concurrency-limited'],
  ['refusals-over-limit', 'rejections-over-limit'],
]);
const ENDINGS: ReadonlyMap<unknown, string> = new Map([['ran-refused', 'ran-rejected']]);
const REFUSALS: ReadonlyMap<unknown, string> = new Map([['rejected', 'invalid-request']]);
const SERVICES: ReadonlyMap<unknown, string> = new Map([['oneshot-task-stopped', 'oneshot-settle']]);

/** A line of any version in the words of this one. Total: what is not understood stays as it is. */
export function upgrade(line: unknown): unknown {
  if (!isObject(line) || Number(line['version'] ?? 1) >= VERSION) return line;
  const { refusals, waiting, outcome, hardware, ...rest } = line;
  const words = [['service', SERVICES] as const, ['reason', REASONS] as const, ['ending', ENDINGS] as const];
  return {
    ...words.reduce((told, [key, known]) => renamed(told, key, known), rest),
    ...(Array.isArray(waiting) && { waiting: waiting.map((job) => renamed(job, 'reason', REASONS)) }),
    ...(outcome !== undefined && { outcome: renamed(outcome, 'refusal', REFUSALS) }),
    ...(isObject(hardware) && {
      hardware: { ...hardware, provider: providerFor({ spot: hardware['isSpot'] === true, docker: false }) },
    }),
    ...(refusals !== undefined && { rejections: refusals }),
  };
}

function renamed<Value>(value: Value, key: string, words: ReadonlyMap<unknown, string>): Value {
  const word = isObject(value) ? words.get(value[key]) : undefined;
  return word === undefined ? value : { ...value, [key]: word };
}
