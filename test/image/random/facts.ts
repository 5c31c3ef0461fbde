import type { Dated } from '../../../local/runner/journal.ts';

/** The first fact of each kind. */
export function read(journal: readonly Dated[]) {
  const having =
    <K extends Keys>(key: K) =>
    (fact: Dated): fact is Extract<Dated, Record<K, unknown>> =>
      key in fact;
  const first = <K extends Keys>(key: K) => journal.find(having(key));
  const workers = journal.filter(having('worker'));
  return {
    started: first('listener'),
    session: first('session'),
    gone: first('gone'),
    message: first('message'),
    acquired: first('acquired'),
    worker: workers.find(({ worker }) => worker === 'starting'),
    workerGone: workers.find(({ worker }) => worker === 'gone'),
    hook: first('hook'),
    stepsOver: first('steps'),
    killed: first('killed'),
    signal: first('signal'),
    result: first('result'),
    told: first('told'),
    exit: first('exit'),
  };
}
type Keys = Dated extends infer F ? (F extends F ? Exclude<keyof F, 'atMs'> : never) : never;
