/** What can be written as XML: a list is its element once for each item. */
export type Xml = string | number | boolean | { readonly [name: string]: Xml | readonly Xml[] | undefined };

export function writeXml(name: string, value: Xml | readonly Xml[] | undefined): string {
  if (value === undefined) return '';
  if (isList(value)) return value.map((item) => writeXml(name, item)).join('');
  if (typeof value !== 'object') return `<${name}>${escapeXml(String(value))}</${name}>`;
  const inner = Object.entries(value).map(([child, content]) => writeXml(child, content));
  return `<${name}>${inner.join('')}</${name}>`;
}

const isList = (value: Xml | readonly Xml[]): value is readonly Xml[] => Array.isArray(value);

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
