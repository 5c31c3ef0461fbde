import * as v from 'valibot';

const text = v.string();
const PLAY = v.object({
  repositories: v.array(text),
  /** Comma-separated, as a workflow's `runs-on` has them. */
  labels: v.array(text),
  faults: v.array(v.object({ name: text, what: text, rate: v.number(), struck: v.number() })),
});

/** What a person may do in the embedded world: where to queue jobs, and which faults there are. */
export type Play = v.InferOutput<typeof PLAY>;

export const QUEUE = v.object({
  repository: text,
  labels: text,
  jobs: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(256)),
  seconds: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3_600)),
});
export const CANCEL = v.object({ jobId: v.pipe(v.number(), v.integer()) });
export const FAULT = v.object({ name: text, rate: v.pipe(v.number(), v.minValue(0), v.maxValue(1)) });

/** The embedded world's control server (local/world/control.ts). Each throws with the world's own words. */
export interface PlayPort {
  look(): Promise<Play>;
  queue(asked: v.InferOutput<typeof QUEUE>): Promise<void>;
  cancel(asked: v.InferOutput<typeof CANCEL>): Promise<void>;
  setFault(asked: v.InferOutput<typeof FAULT>): Promise<void>;
}

export function createPlayPort(controlUrl: string): PlayPort {
  const send = async (method: string, path: string, body: unknown): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(new URL(path, controlUrl), { method, headers, body: JSON.stringify(body) });
    if (answer.ok) return;
    const { problems = [`HTTP ${answer.status}`] } = Object(await answer.json().catch(() => ({})));
    throw new Error(problems.join('; '));
  };
  return {
    look: async () => v.parse(PLAY, await (await fetch(new URL('/choices', controlUrl))).json()),
    queue: ({ repository, labels, jobs, seconds }) => {
      const one = (_: unknown, index: number) => ({
        name: `matrix (${index + 1})`,
        labels: labels.split(',').map((label) => label.trim()),
        durationSeconds: seconds,
      });
      return send('POST', '/jobs', { repository, jobs: Array.from({ length: jobs }, one) });
    },
    cancel: ({ jobId }) => send('POST', `/jobs/${jobId}/cancel`, {}),
    setFault: ({ name, rate }) => send('PUT', `/faults/${name}`, { rate }),
  };
}
