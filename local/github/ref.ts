/** `main` of `refs/heads/main`, `v1` of `refs/tags/v1`. */
export const shortRef = (ref: string): string => ref.replace(/^refs\/(heads|tags)\//, '');

export const isTag = (ref: string): boolean => ref.startsWith('refs/tags/');
