import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { SIDEBAR, TOP } from './pages.ts';

const HERE = fileURLToPath(new URL('../package.json', import.meta.url));

/** The pages are above this folder, and what renders them is in it. */
const vueFromHere = {
  name: 'vue-from-here',
  enforce: 'pre',
  resolveId(id, from, options) {
    if (!/^vue(\/|$)/.test(id) || from === HERE) return undefined;
    if (options.ssr) return { id, external: true };
    return this.resolve(id, HERE, { ...options, skipSelf: true });
  },
};

/** The pages are those of the repository, as they are: this folder only says which, and how they are laid out. */
export default defineConfig({
  title: 'oneshot',
  description: 'Ephemeral GitHub Actions runners on AWS Fargate',
  lang: 'en',
  base: process.env.SITE_BASE ?? '/',
  srcDir: '..',
  srcExclude: [
    ...['AGENTS.md', '.github/**', '{bench,dist,functions,image,infra,local,model,simulation,site,test}/**'],
  ],
  outDir: '../dist/site',
  cacheDir: '../dist/site-cache',
  rewrites: {
    'README.md': 'index.md',
    ':folder(examples|docs/adr|docs/facts)/README.md': ':folder/index.md',
    'examples/:name/README.md': 'examples/:name/index.md',
  },
  vite: {
    plugins: [vueFromHere],
    esbuild: { tsconfigRaw: {} },
    build: { target: 'es2022' },
  },
  markdown: {
    // Vue would compute what stands in `${{ }}`.
    config: (md) => {
      md.renderer.rules.code_inline = (tokens, index) =>
        `<code v-pre>${md.utils.escapeHtml(tokens[index].content)}</code>`;
    },
  },
  themeConfig: {
    sidebar: SIDEBAR,
    nav: TOP,
    outline: [2, 3],
    search: { provider: 'local' },
  },
});
