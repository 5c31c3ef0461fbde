/** Markdown that a job wrote, as HTML that does nothing: no script, no style, nothing that is fetched. */

import { raw } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

/** GitHub's page shows tables and folded parts of HTML in summaries as well. */
const MORE_TAGS = ['details', 'summary', 'del', 'input'];

export async function renderMarkdown(markdown: string): Promise<HtmlEscapedString> {
  // Few worlds show one.
  const [{ marked }, { default: sanitize }] = await Promise.all([import('marked'), import('sanitize-html')]);
  const html = await marked.parse(markdown, { gfm: true });
  return raw(
    sanitize(html, {
      allowedTags: [...sanitize.defaults.allowedTags.filter((tag) => tag !== 'img'), ...MORE_TAGS],
      allowedAttributes: {
        a: ['href', 'title'],
        input: ['checked', 'disabled', 'type'],
        '*': ['align', 'colspan'],
      },
      allowedSchemes: ['http', 'https', 'mailto'],
      allowProtocolRelative: false,
    }),
  ) as HtmlEscapedString;
}
