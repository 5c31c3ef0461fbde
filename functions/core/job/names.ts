/** What GitHub allows in a login and in a repository's name; it also keeps a hostile name out of every URL and tag. */
export const isName = (value: unknown): value is string =>
  typeof value === 'string' && /^[\w.-]{1,100}$/.test(value) && !/^\.{1,2}$/.test(value);
