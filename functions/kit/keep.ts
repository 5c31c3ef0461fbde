/**
 * Keeps what `make` made of an input until the input is another: for clients that hold tokens and must outlive an
 * invocation, but not the parameters that they were made of.
 */
export function keepFor<Input, Made>(make: (input: Input) => Made): (input: Input) => Made {
  let kept: { readonly input: Input; readonly made: Made } | undefined;
  return (input) => {
    if (kept === undefined || kept.input !== input) kept = { input, made: make(input) };
    return kept.made;
  };
}

/** Makes a thing at its first use and keeps it; a failed making is tried again at the next use. */
export function once<Made>(make: () => Promise<Made>): () => Promise<Made> {
  let made: Promise<Made> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
