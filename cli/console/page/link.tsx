interface LinkProps {
  readonly href: string;
  readonly words: string;
  /** Of what it is, for who hears the link alone. */
  readonly of: string;
}

/** To another site: it opens beside this page, and says so. */
export const LinkOut = ({ href, words, of }: LinkProps) => (
  <a class="out" href={href} target="_blank" rel="noopener">
    {words}
    <span aria-hidden="true"> ↗</span>
    <span class="hidden">: {of}, opens in a new tab</span>
  </a>
);
