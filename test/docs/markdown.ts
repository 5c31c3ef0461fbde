import GithubSlugger from 'github-slugger';
import { lexer, type Token, walkTokens } from 'marked';

/** The addresses of all links and pictures, those in HTML too. Code has none. */
export function linksOf(text: string): readonly string[] {
  const found: string[] = [];
  walk(text, (token) => {
    if (token.type === 'link' || token.type === 'image') found.push(token.href);
    if (token.type === 'html')
      found.push(...[...token.raw.matchAll(/\b(?:src|href|srcset)="([^"]+)"/g)].map(([, to = '']) => to));
  });
  return found;
}

/** What can stand after `#`: each heading, as GitHub writes it. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const slugger = new GithubSlugger();
  const found = new Set<string>();
  walk(text, (token) => {
    if (token.type === 'heading') found.add(slugger.slug(plain(token.tokens ?? [])));
  });
  return found;
}

/** Each heading with what is below it until the next. */
export function sectionsOf(text: string): ReadonlyMap<string, string> {
  const slugger = new GithubSlugger();
  const found = new Map<string, string>();
  let anchor = '';
  for (const token of lexer(text)) {
    if (token.type === 'heading') anchor = slugger.slug(plain(token.tokens ?? []));
    found.set(anchor, (found.get(anchor) ?? '') + token.raw);
  }
  return found;
}

function walk(text: string, look: (token: Token) => void): void {
  walkTokens(lexer(text), look);
}

/** A heading's words without their markup. */
const plain = (tokens: readonly Token[]): string =>
  tokens
    .map((token) => ('tokens' in token && token.tokens !== undefined ? plain(token.tokens) : textOf(token)))
    .join('');

const textOf = (token: Token): string => ('text' in token ? String(token.text) : token.raw);
