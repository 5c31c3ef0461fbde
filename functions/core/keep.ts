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
