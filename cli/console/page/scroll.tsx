import type { ComponentChildren } from 'preact';

/** What is wider than a small screen scrolls by itself; by keyboard too, for which it must have the focus. */
export const Scroll = ({ children }: { readonly children: ComponentChildren }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: as above
  <div class="scroll" tabIndex={0}>
    {children}
  </div>
);
