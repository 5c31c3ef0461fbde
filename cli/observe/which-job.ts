import { CliError, EXIT } from '../errors.ts';

/** As an address names it. */
export interface RepositoryName {
  readonly owner: string;
  readonly name: string;
}

/** A job or a run, as a person gives it. */
export type Which =
  | { readonly kind: 'job'; readonly jobId: number; readonly repository: RepositoryName | undefined }
  | {
      readonly kind: 'run';
      readonly runId: number;
      /** Its latest, where the address names none. */
      readonly attempt: number | undefined;
      readonly repository: RepositoryName;
    };

/** The id of a check run is the id of its job (docs.github.com, REST API, workflow jobs: `check_run_url`). */
const JOB = [
  /\/actions\/runs\/\d+(?:\/attempts\/\d+)?\/jobs?\/(\d{1,16})(?:[/?#]|$)/,
  /\/actions\/jobs\/(\d{1,16})(?:[/?#]|$)/,
  /\/commit\/[0-9a-f]+\/checks\/(\d{1,16})(?:[/?#]|$)/,
  /\/pull\/\d+\/checks.*[?&]check_run_id=(\d{1,16})(?:[&#]|$)/,
  /^(?:https?:\/\/[^/]+)?\/?[\w.-]+\/[\w.-]+\/runs\/(\d{1,16})(?:[/?#]|$)/,
];
const RUN = /\/actions\/runs\/(\d{1,16})(?:\/attempts\/(\d{1,4}))?(?:[/?#]|$)/;
const REPOSITORY =
  /^(?:https?:\/\/[^/]+(?:\/api\/v3)?)?\/?(?:repos\/)?([\w.-]+)\/([\w.-]+)\/(?:actions|commit|pull|runs)\//;

/** Reads an id or an address of GitHub's pages. Throws CliError. */
export function requireWhich(text: string): Which {
  const [, owner, name] = REPOSITORY.exec(text) ?? [];
  const repository = owner === undefined || name === undefined ? undefined : { owner, name };
  const bare = /^\d{1,16}$/.test(text) ? text : undefined;
  const jobId = idOf(bare ?? JOB.map((form) => form.exec(text)?.[1]).find((id) => id !== undefined));
  if (jobId !== undefined) return { kind: 'job', jobId, repository };
  const [, run, attempt] = RUN.exec(text) ?? [];
  const runId = idOf(run);
  if (runId !== undefined && repository !== undefined)
    return { kind: 'run', runId, attempt: idOf(attempt), repository };
  throw new CliError(`${text} names neither a job nor a run`, fixOf(text), EXIT.usage);
}

function idOf(text: string | undefined): number | undefined {
  const id = Number(text);
  return Number.isSafeInteger(id) && id > 0 ? id : undefined;
}

const fixOf = (text: string): string =>
  /\/pull\/\d+/.test(text)
    ? 'open the check on that page, and give the address of its job or run (…/actions/runs/1, or …/actions/runs/1/job/2)'
    : 'give the address of a job’s page (…/actions/runs/1/job/2) or of a run’s (…/actions/runs/1), or the id of a job';
