import type { GitHubApp } from './app.ts';

/** Something that lives as long as the App's client, one for each: a new key must not meet what an old one has seen. */
export function perApp<Value>(create: () => Value): (app: GitHubApp) => Value {
  const values = new WeakMap<GitHubApp, { readonly value: Value }>();
  return (app) => {
    const kept = values.get(app) ?? { value: create() };
    values.set(app, kept);
    return kept.value;
  };
}
