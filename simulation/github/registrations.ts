import type { Registration } from '../../functions/core/plan/plan-sweep.ts';
import type { JitConfigRequest, RegistrationScope } from '../../functions/core/ports.ts';
import { ServiceError } from '../../functions/core/words/errors.ts';
import { isSaidBusy, isTaken, NEW_RUNNER } from '../../model/github/job.ts';
import { openTo } from '../rules.ts';
import { SECOND, type World } from '../world.ts';
import { type Limits, requestError } from './limits.ts';
import type { Runner } from './types.ts';

/** The last but one of a name's numbers (functions/core/job/identity.ts), whichever deployment's it is. */
function jobIdIn(runnerName: string): number | undefined {
  const id = /-(\d+)-\d+(?:-od)?$/.exec(runnerName)?.[1];
  return id === undefined ? undefined : Number(id);
}

/** The runners that GitHub knows. */
export class Registrations {
  readonly all = new Map<number, Runner>();
  readonly #world: World;
  readonly #limits: Limits;
  #nextId = 1;
  onRemoved: (runner: Runner) => void = () => undefined;

  constructor(world: World, limits: Limits) {
    this.#world = world;
    this.#limits = limits;
  }

  /** Registers a runner, or throws as Octokit does. */
  createJitConfig({ account, runnerName, scope, labels, runnerGroup }: JitConfigRequest) {
    this.#world.counts.launchCalls += 1;
    this.#world.counts.jitConfigs += 1;
    this.#limits.spendJitConfig(account.owner, scope);
    if (isTaken(runnerName, this.#in(scope))) throw requestError(409, 'Already exists');
    const [, owner = '', repository] = scope.split('/');
    const runner: Runner = {
      ...NEW_RUNNER,
      ...this.#accessOf(scope, runnerGroup),
      ...{ id: this.#nextId++, name: runnerName, scope, labels, place: { owner, repository } },
      createdAtMs: this.#world.nowMs,
      launchedForJobId: jobIdIn(runnerName),
      connects: 0,
    };
    this.all.set(runner.id, runner);
    return { runnerId: runner.id, encodedJitConfig: `config-${runner.id}` };
  }

  /** DELETE: refused while GitHub thinks that a job runs, which it may get wrong. One that is gone is a success. */
  delete(runnerId: number): void {
    const runner = this.all.get(runnerId);
    this.#limits.spend(runner?.scope.split('/')[1] ?? 'acme', 'remove runner', 'DELETE');
    if (runner === undefined) return;
    if (isSaidBusy(runner, () => this.#world.strikes('lying-busy')))
      throw new ServiceError(
        { service: 'github', operation: 'remove runner', status: 422 },
        'runner is busy',
      );
    this.#world.tell(() => `registration ${runner.name} removed`);
    this.drop(runner);
    runner.end?.('registration-gone');
  }

  drop(runner: Runner): void {
    this.all.delete(runner.id);
    this.onRemoved(runner);
  }

  /** A repository has no groups but the default one (GH-16). */
  #accessOf(scope: string, group: JitConfigRequest['runnerGroup']): Pick<Runner, 'openTo'> {
    if (!this.#world.workload.isRuled) return {};
    const isWhole = scope.startsWith('orgs/');
    const names = openTo(group);
    if (names === undefined || (!isWhole && group !== 1)) throw requestError(404, 'Not Found');
    return isWhole ? { openTo: names } : {};
  }

  #in(scope: string): Runner[] {
    return [...this.all.values()].filter((runner) => runner.scope === scope);
  }

  list({ account, scope }: RegistrationScope): Registration[] {
    const atMs = this.#world.nowMs - this.#world.lag('github-lag', 30 * SECOND);
    return this.#in(scope).flatMap((runner) => {
      if (runner.createdAtMs > atMs) return [];
      const isOnline = (runner.onlineAtMs ?? Infinity) <= atMs && (runner.offlineAtMs ?? Infinity) > atMs;
      const online = isOnline && !this.#world.strikes('lying-busy');
      return [{ account, scope, runnerId: runner.id, runnerName: runner.name, online }];
    });
  }
}
