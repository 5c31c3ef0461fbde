/** The timestamps of an ECS Task State Change (docs.aws.amazon.com, Amazon ECS task state change events), ISO 8601. */
export type TaskPhase = (typeof PHASES)[number][0];

const PHASES = [
  ['network', 'createdAt', 'connectivityAt'],
  ['pull', 'pullStartedAt', 'pullStoppedAt'],
  ['start', 'pullStoppedAt', 'startedAt'],
  ['run', 'startedAt', 'stoppingAt'],
  ['stop', 'stoppingAt', 'stoppedAt'],
] as const;

/** How long each phase of a task's life took; a phase that it did not reach is left out. Total. */
export function taskPhases(detail: object): { readonly phase: TaskPhase; readonly seconds: number }[] {
  const times = detail as Readonly<Record<string, unknown>>;
  return PHASES.flatMap(([phase, from, to]) => {
    const seconds = (Date.parse(String(times[to])) - Date.parse(String(times[from]))) / 1000;
    return seconds >= 0 ? [{ phase, seconds }] : [];
  });
}
