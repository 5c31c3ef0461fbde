import type { Account } from '../core/job/repository.ts';
import { isId, isText, type Json } from '../kit/json.ts';
import { createLru } from '../kit/lru.ts';
import type { GitHubApp } from './app.ts';
import { malformedAnswer } from './errors.ts';
import { perApp } from './per-app.ts';
import { PAGE_SIZE, readRecords } from './records.ts';

/** A runner group of an organisation, its own or one of its enterprise that it inherits (GH-64). */
export interface RunnerGroup {
  readonly id: number;
  readonly name: string;
  readonly isInherited: boolean;
}

/** Of 100 groups each. */
const MOST_PAGES = 20;

/** The runner groups of an organisation, up to 2,000 of them. Throws what the call threw. */
export async function listRunnerGroups(
  app: GitHubApp,
  account: Account,
  signal?: AbortSignal,
): Promise<RunnerGroup[]> {
  const groups: RunnerGroup[] = [];
  for (let page = 1; page <= MOST_PAGES; page++) {
    const asked = { org: account.owner, per_page: PAGE_SIZE, page, ...(signal && { request: { signal } }) };
    const answer = await app.asInstallation(account, (octokit) =>
      octokit.request('GET /orgs/{org}/actions/runner-groups', asked),
    );
    const found: unknown = Object(answer.data).runner_groups;
    if (!Array.isArray(found)) throw malformedAnswer(answer);
    const { items, isLast } = readRecords(found, readGroup);
    groups.push(...items);
    if (isLast) break;
  }
  return groups;
}

const readGroup = ({ id, name, inherited }: Json): RunnerGroup | undefined =>
  isId(id) && isText(name) ? { id, name, isInherited: inherited === true } : undefined;

/** The group of a name, in any case of letters; the organisation's own before one that it inherits. */
export function groupNamed(groups: readonly RunnerGroup[], name: string): RunnerGroup | undefined {
  const alike = groups.filter((group) => group.name.toLowerCase() === name.toLowerCase());
  return alike.find(({ isInherited }) => !isInherited) ?? alike[0];
}

/** More than one App serves; one that is forgotten costs a call. */
const MOST_KEPT = 1_000;

/** Ids of groups by owner and name, for as long as the process lives. */
const idsOf = perApp(() => createLru<string, Promise<number | undefined>>(MOST_KEPT));

const keyOf = ({ owner }: Account, name: string): string => `${owner}/${name}`.toLowerCase();

/** Whether the group's id is known, or asked for at this moment. */
export const isGroupKept = (app: GitHubApp, account: Account, name: string): boolean =>
  idsOf(app).get(keyOf(account, name)) !== undefined;

/** GitHub refused the id: the group may have been deleted and made again. */
export const forgetGroup = (app: GitHubApp, account: Account, name: string): void =>
  idsOf(app).delete(keyOf(account, name));

/**
 * The id of an organisation's runner group; `undefined` where it has none of that name. Asked for once in a process: launches
 * at the same time share the call, and only a group that is there is kept. Throws what the call threw.
 */
export function findGroupId(
  app: GitHubApp,
  account: Account,
  name: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const [ids, key] = [idsOf(app), keyOf(account, name)];
  const kept = ids.get(key);
  if (kept !== undefined) return kept;
  const asked = listRunnerGroups(app, account, signal).then((groups) => groupNamed(groups, name)?.id);
  ids.set(key, asked);
  const forget = () => {
    if (ids.get(key) === asked) ids.delete(key);
  };
  asked.then((id) => (id === undefined ? forget() : undefined), forget);
  return asked;
}
