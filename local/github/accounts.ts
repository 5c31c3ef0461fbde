/** Where the App is installed, and what people change there in their settings during runs. */
import type { ActionsWorld } from './actions-world.ts';
import type { Installation, Owner, Repository } from './types.ts';

/** A repository with the installation that reaches it. */
export interface Held {
  readonly installation: Installation;
  readonly repository: Repository;
}

const nameOf = ({ login }: Owner, { name }: Repository): string => `${login}/${name}`;
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** An installation that is made again has an id of its own, well above those that a world starts with. */
const FIRST_NEW_ID = 77_000_001;

export class Accounts {
  readonly #installations: Installation[];
  readonly #actions: ActionsWorld;
  /** Ids of repositories by the names that they had, in lower case. */
  readonly #formerNames = new Map<string, number>();
  readonly #uninstalled: Installation[] = [];
  #nextId = FIRST_NEW_ID;

  /** `installations` is changed in place: it is the list that everybody reads. */
  constructor(installations: Installation[], actions: ActionsWorld) {
    this.#installations = installations;
    this.#actions = actions;
    for (const { repository } of this.#all())
      for (const name of repository.formerNames ?? [])
        this.#formerNames.set(name.toLowerCase(), repository.id);
  }

  #all(): Held[] {
    return this.#installations.flatMap((installation) =>
      installation.repositories.map((repository) => ({ installation, repository })),
    );
  }

  installation(id: number): Installation | undefined {
    return this.#installations.find((installation) => installation.id === id);
  }

  find(fullName: string): Held | undefined {
    return this.#all().find(({ installation, repository }) =>
      same(nameOf(installation.owner, repository), fullName),
    );
  }

  byId(repositoryId: number): Held | undefined {
    return this.#all().find(({ repository }) => repository.id === repositoryId);
  }

  /** The repository that had this name once, unless another has it now. */
  formerly(fullName: string): Held | undefined {
    const id = this.#formerNames.get(fullName.toLowerCase());
    return id === undefined || this.find(fullName) !== undefined ? undefined : this.byId(id);
  }

  get(fullName: string): Held {
    const held = this.find(fullName);
    if (held === undefined) throw new Error(`No installation of the App holds the repository ${fullName}`);
    return held;
  }

  /** Changes the installation of this owner; runs and webhooks follow. */
  change(login: string, changes: Partial<Installation>): void {
    const index = this.#indexOf(login);
    const installation = this.#installations[index];
    if (installation !== undefined) this.#installations[index] = { ...installation, ...changes };
    for (const { installation, repository } of this.#all())
      this.#actions.jobs.relocate(repository, installation);
  }

  #indexOf(login: string): number {
    const index = this.#installations.findIndex(({ owner }) => same(owner.login, login));
    if (index < 0) throw new Error(`The App is not installed at ${login}`);
    return index;
  }

  /** The App reaches a repository more. */
  putIn(login: string, repository: Repository): void {
    const { repositories = [] } = this.#installations[this.#indexOf(login)] ?? {};
    this.change(login, { repositories: [...repositories, repository] });
  }

  /** The repository is where it was, but the App does not reach it any more. */
  takeOut(fullName: string): void {
    const { installation, repository } = this.get(fullName);
    const others = installation.repositories.filter(({ id }) => id !== repository.id);
    this.change(installation.owner.login, { repositories: others });
  }

  /** The old name leads to the new one until another repository takes it. */
  rename(fullName: string, name: string): void {
    this.#edit(fullName, { name });
    this.#formerNames.set(
      fullName.toLowerCase(),
      this.get(`${fullName.split('/')[0]}/${name}`).repository.id,
    );
  }

  /** To another owner; where the App is not installed there, the App loses sight of it. */
  transfer(fullName: string, login: string): void {
    const { repository } = this.get(fullName);
    this.takeOut(fullName);
    this.#formerNames.set(fullName.toLowerCase(), repository.id);
    if (this.#installations.some(({ owner }) => same(owner.login, login))) this.putIn(login, repository);
  }

  archive(fullName: string, isArchived = true): void {
    this.#edit(fullName, { isArchived });
  }

  #edit(fullName: string, changes: Partial<Repository>): void {
    const { installation, repository } = this.get(fullName);
    const edit = (each: Repository) => (each.id === repository.id ? { ...each, ...changes } : each);
    this.change(installation.owner.login, { repositories: installation.repositories.map(edit) });
  }

  /** Its runs go with it, without a webhook; a job that runs is cancelled. */
  delete(fullName: string): void {
    const { repository } = this.get(fullName);
    this.takeOut(fullName);
    this.#actions.forget(repository.id);
  }

  suspend(login: string, isSuspended = true): void {
    this.change(login, { isSuspended });
  }

  uninstall(login: string): void {
    this.#uninstalled.push(...this.#installations.splice(this.#indexOf(login), 1));
  }

  /** Installs the App where it was before, or at a new owner; answers the installation's new id. */
  install(at: string | Omit<Installation, 'id'>): number {
    const known = this.#uninstalled.findLast(({ owner }) => typeof at === 'string' && same(owner.login, at));
    const installation = typeof at === 'string' ? known : at;
    if (installation === undefined) throw new Error(`The App was never uninstalled at ${String(at)}`);
    const { login } = installation.owner;
    if (this.#installations.some(({ owner }) => same(owner.login, login)))
      throw new Error(`The App is installed at ${login} already`);
    const id = this.#nextId++;
    this.#installations.push({ ...installation, id });
    this.change(login, {});
    return id;
  }
}
