import * as v from 'valibot';
import { parse } from 'yaml';
import type { RunRequest } from './types.ts';

/** Of a workflow, what decides whether and where it runs (docs.github.com, Workflow syntax). */
const WORKFLOW = v.object({
  name: v.optional(v.string()),
  on: v.looseObject({ push: v.nullable(v.object({ paths: v.optional(v.array(v.string())) })) }),
  jobs: v.record(v.string(), v.object({ 'runs-on': v.union([v.string(), v.array(v.string())]) })),
});

const DURATION_SECONDS = 5;

/** The run that the push of one new file starts; nothing if it is not a workflow, or does not watch this path. */
export function runOfPush(repository: string, file: string, text: string): RunRequest | undefined {
  if (!/^\.github\/workflows\/[^/]+\.ya?ml$/.test(file)) return undefined;
  const read = v.safeParse(WORKFLOW, parse(text));
  if (!read.success || read.output.on.push?.paths?.includes(file) === false) return undefined;
  const jobs = Object.entries(read.output.jobs).map(([name, job]) => ({
    name,
    labels: [job['runs-on']].flat(),
    durationSeconds: DURATION_SECONDS,
  }));
  return { repository, workflow: read.output.name ?? file, jobs };
}
