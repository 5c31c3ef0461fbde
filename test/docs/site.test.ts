import { describe, expect, it } from 'vitest';
import { SIDEBAR, TOP } from '../../site/.vitepress/pages.ts';
import { TREE } from '../fixtures/tree.ts';

/** The file of an address of the site, whose folders begin with their README. */
const fileOf = (link: string): string => `${link.slice(1)}${link.endsWith('/') ? 'README' : ''}.md`;
const LINKS = SIDEBAR.flatMap(({ items }) => items.map(({ link }) => link));

describe('the site of the documentation', () => {
  it('should have a page for each entry of its navigation', () => {
    expect([...LINKS, ...TOP.map(({ link }) => link)].filter((link) => !TREE.has(fileOf(link)))).toEqual([]);
  });

  it('should have an entry for each guide', () => {
    const guides = [...TREE.keys()].filter((file) => /^docs\/[^/]+\.md$/.test(file));
    expect(guides.length).toBeGreaterThan(15);
    expect(guides.filter((file) => !LINKS.map(fileOf).includes(file))).toEqual([]);
  });
});
