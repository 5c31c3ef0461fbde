/** A repository's runs and jobs on the fake GitHub, with ETags. Tests change its records, break them and delete them. */
import { createHash } from 'node:crypto';
import type { Repository } from '../../functions/core/job/repository.ts';
import { type Answer, type Asked, type FakeGitHub, pageOf } from './fake-github.ts';

export const REPOSITORY: Repository = {
  ...{ id: 1, owner: 'acme', name: 'web', isPublic: false },
  ...{ ownerType: 'Organization', installationId: 7 },
};

type Fields = Readonly<Record<string, unknown>>;

interface FakeRun {
  readonly fields: Fields & { readonly id: number };
  jobs: Fields[];
}

export interface FakeRepository {
  /** By run id; oldest first. */
  readonly runs: Map<number, FakeRun>;
  /** Adds a run with one job of the same status, whose id is ten times the run's. */
  add(runId: number, status: string, jobs?: Fields[]): void;
  /** Answers this path instead, for as long as it is here. */
  readonly overrides: Map<string, Answer>;
  /** Paths that were asked for, without the repository's; lists of runs by their status. */
  asked(): string[];
}

export const job = (id: number, status: string, more: Fields = {}): Fields => ({
  ...{ id, run_id: Math.floor(id / 10), status, labels: ['fargate-1x2'], runner_name: null },
  ...{ created_at: '2026-11-01T00:00:00Z', completed_at: null },
  ...more,
});

const ROOT = '/repos/acme/web/actions/';
const notFound: Answer = { status: 404, body: { message: 'Not Found' } };
const nameOf = ({ path, query }: Asked): string => {
  const status = query.get('status');
  const page = Number(query.get('page') ?? 1);
  return path.slice(ROOT.length) + (status ? ` ${status}` : '') + (page > 1 ? ` page ${page}` : '');
};

/** As GitHub: 304 where the caller has the body that it would get. */
function conditional({ etag }: Asked, body: unknown): Answer {
  const current = `W/"${createHash('sha256').update(JSON.stringify(body)).digest('hex')}"`;
  return etag === current ? { status: 304 } : { headers: { etag: current }, body };
}

export function serveRepository(github: FakeGitHub): FakeRepository {
  const runs = new Map<number, FakeRun>();
  const overrides = new Map<string, Answer>();
  github.answer = (asked) => overrides.get(nameOf(asked)) ?? answer(asked);
  const answer = (asked: Asked): Answer => {
    const [, kind, id] = /^(runs|jobs)(?:\/(\d+))?/.exec(asked.path.slice(ROOT.length)) ?? [];
    if (kind === 'jobs') return answerJob(asked, Number(id));
    if (id !== undefined) return answerJobs(asked, runs.get(Number(id)));
    const status = asked.query.get('status');
    const found = [...runs.values()].map(({ fields }) => fields).reverse();
    const listed = found.filter((run) => status === null || run['status'] === status);
    return conditional(asked, { total_count: listed.length, workflow_runs: pageOf(listed, asked.query) });
  };
  const answerJob = (asked: Asked, id: number): Answer => {
    const found = [...runs.values()].flatMap(({ jobs }) => jobs).find((one) => one['id'] === id);
    return found === undefined ? notFound : conditional(asked, found);
  };
  const answerJobs = (asked: Asked, run: FakeRun | undefined): Answer =>
    run === undefined
      ? notFound
      : conditional(asked, { total_count: run.jobs.length, jobs: pageOf(run.jobs, asked.query) });
  return {
    ...{ runs, overrides },
    add: (id, status, jobs = [job(id * 10, status)]) =>
      void runs.set(id, { fields: { id, status, updated_at: '2026-11-01T00:00:00Z' }, jobs }),
    asked: () => github.asked.map(nameOf),
  };
}
