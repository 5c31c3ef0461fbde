/** The contexts that GitHub itself has of a run. */
import type { ContextValue } from '../github/service/definition.ts';
import { sourceContext } from '../github/service/github-context.ts';
import type { TriggerEvent } from './filters.ts';
import type { Values } from './inputs.ts';

export interface RunFacts {
  /** `owner/name` */
  readonly repository: string;
  readonly workflow: string;
  /** `.github/workflows/ci.yml` */
  readonly file: string;
  readonly event: TriggerEvent;
  readonly sha: string;
  readonly runId: number;
  readonly runNumber: number;
  readonly actor: string;
  readonly inputs: Values;
  /** `repository` and `sender` of the event, as GitHub writes them in webhooks. */
  readonly payload: Values;
}

/** `github` of a run (docs.github.com, Contexts reference: ids and numbers are texts there). */
export function githubContext(facts: RunFacts): Values {
  const { repository, workflow, file: path, event, sha, actor } = facts;
  return {
    ...sourceContext({ repository, workflow, path, sha, event: event.name, ref: event.ref }),
    event: payloadOf(facts),
    ...{ run_id: String(facts.runId), run_number: String(facts.runNumber), run_attempt: '1' },
    ...{ actor, triggering_actor: actor },
  };
}

const NO_COMMIT = '0'.repeat(40);

/** The event as far as this world knows it: no commits, as it has none. */
function payloadOf({ event, sha, workflow, file, inputs, payload }: RunFacts): ContextValue {
  if (event.name === 'schedule') return { ...payload, workflow: file };
  if (event.name === 'workflow_dispatch')
    return { ...payload, ref: event.ref, workflow: file, inputs: textsOf(inputs) };
  return {
    ...payload,
    ...{ ref: event.ref, before: NO_COMMIT, after: sha, base_ref: null },
    ...{ created: false, deleted: false, forced: false, commits: [] },
    head_commit: { id: sha, tree_id: sha, message: workflow },
  };
}

/** In the event, inputs are texts, whatever their type. */
const textsOf = (inputs: Values): Values =>
  Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, String(value ?? '')]));
