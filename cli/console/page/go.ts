import type { Query } from '../query.ts';

/** Changes what is shown; the browser's back button undoes it where it `isStep`, as it is unless said. */
export type Go = (change: Partial<Query>, isStep?: boolean) => void;
