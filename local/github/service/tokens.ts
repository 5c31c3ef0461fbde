/** The tokens that a job has: of its message for the services of GitHub, and of its repository for git and the API. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { WorldClock } from '../../world/clock.ts';
import type { JobStore } from '../job-store.ts';
import type { JobRecord } from '../records.ts';

/** A worker tells of its steps and logs up to its own end (WIRE-48). */
const LATE_MS = 60_000;
/** A day and five more: no job lasts longer (docs.github.com: Usage limits, five days for a self-hosted runner's job). */
const LIFE_SECONDS = 6 * 86_400;

export class JobTokens {
  readonly #key = randomBytes(32);
  readonly #clock: WorldClock;
  readonly #jobs: Pick<JobStore, 'get' | 'all'>;

  constructor(clock: WorldClock, jobs: Pick<JobStore, 'get' | 'all'>) {
    this.#clock = clock;
    this.#jobs = jobs;
  }

  /** `AccessToken` of the job's message: a JWT of this world's own key (WIRE-25). */
  issue(job: JobRecord): string {
    const seconds = Math.floor(this.#clock.nowMs() / 1000);
    const claims = {
      iss: 'https://token.actions.githubusercontent.com',
      aud: 'actions-run-service',
      sub: String(job.id),
      orch_id: `${job.planGuid}.${job.definition?.key ?? job.name}.__default`,
      scp: `Actions.Results:${job.planGuid}:${job.guid}`,
      nbf: seconds,
      exp: seconds + LIFE_SECONDS,
    };
    const unsigned = `${encode({ typ: 'JWT', alg: 'HS256' })}.${encode(claims)}`;
    return `${unsigned}.${this.#sign(unsigned)}`;
  }

  /** Whose token an `authorization` header has: a job in progress, or one that ended just now, for what comes late. */
  jobOf(authorization: string | undefined): JobRecord | undefined {
    const token = /^bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
    const at = token.lastIndexOf('.');
    if (at < 0 || !isSame(token.slice(at + 1), this.#sign(token.slice(0, at)))) return undefined;
    const { sub, exp } = decode(token);
    const job = this.#jobs.get(Number(sub));
    return job && exp > this.#clock.nowMs() / 1000 && this.#isAlive(job) ? job : undefined;
  }

  /** `github.token`: opens the job's repository, for as long as the job's own token lives. */
  repositoryToken({ id }: JobRecord): string {
    return `ghs_${this.#sign(`repository/${id}`).replaceAll(/[-_]/g, '0').slice(0, 40)}`;
  }

  /** The job whose `github.token` this is. */
  jobOfRepositoryToken(token: string): JobRecord | undefined {
    return this.#jobs.all().find((job) => this.#isAlive(job) && isSame(token, this.repositoryToken(job)));
  }

  #isAlive({ status, completedAtMs }: JobRecord): boolean {
    const isLate = completedAtMs !== null && this.#clock.nowMs() - completedAtMs <= LATE_MS;
    return status === 'in_progress' || (status === 'completed' && isLate);
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url');
  }
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Of a token whose signature was found good. */
const decode = (token: string): { readonly sub: string; readonly exp: number } =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));

function isSame(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
