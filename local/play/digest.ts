/** Something that happened in the world, in words for one and for many of its kind. */
export interface Happening {
  /** What is said once of all that have it. */
  readonly kind: string;
  readonly line: string;
  /** The same of several, by how many they are. */
  readonly many: (count: number) => string;
  /** A quantity of it, of which the least and the most are told. */
  readonly amount?: { readonly value: number; readonly words: (range: string) => string };
  /** What is added, with how many have it. */
  readonly note?: string;
}

/** This many of a kind are told one by one. */
const FEW = 3;

/** What happened since the last time, in few lines: each kind where its first one stands. Pure. */
export function digest(all: readonly Happening[]): string[] {
  const kinds = new Map<string, Happening[]>();
  for (const one of all) kinds.set(one.kind, [...(kinds.get(one.kind) ?? []), one]);
  return [...kinds.values()].flatMap((alike) =>
    alike.length <= FEW ? alike.map(({ line }) => line) : [together(alike)],
  );
}

function together(alike: readonly Happening[]): string {
  const [first] = alike;
  const values = alike.flatMap(({ amount }) => amount?.value ?? []);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const range = least === most ? String(least) : `${least} to ${most}`;
  const notes = alike.filter(({ note }) => note !== undefined);
  return [
    first?.many(alike.length) ?? '',
    values.length > 0 ? (first?.amount?.words(range) ?? '') : '',
    notes.length > 0 ? `, ${notes.length} ${notes[0]?.note}` : '',
  ].join('');
}
