/** The few pages of github.com that set-up sends a person to. */
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { html } from 'hono/html';
import { page } from './page.ts';
import { runOfPush } from './run-of-push.ts';
import type { Site } from './site.ts';
import type { GitHubWorld } from './world.ts';

export function createSitePages(site: Site, world: GitHubWorld): Hono<{ Bindings: HttpBindings }> {
  const pages = new Hono<{ Bindings: HttpBindings }>();
  for (const path of ['/organizations/:org/settings/apps/new', '/settings/apps/new'])
    pages.post(path, async (c) => {
      const form = await c.req.parseBody();
      const manifest = parse(String(form['manifest'] ?? ''));
      const problems = site.problemsOf(manifest);
      if (problems.length > 0)
        return c.html(
          page(
            'Invalid GitHub App manifest',
            html`<ul>${problems.map((problem) => html`<li>${problem}</li>`)}</ul>`,
          ),
          422,
        );
      const name = String(Object(manifest).name ?? 'oneshot');
      return c.html(
        page(
          'Create GitHub App',
          html`<form method="post" action="/site/apps"><label>GitHub App name <input name="name" value="${name}"></label>
<input type="hidden" name="manifest" value="${JSON.stringify(manifest)}"><input type="hidden" name="state" value="${c.req.query('state') ?? ''}">
<button>Create GitHub App${c.req.param('org') ? ` for ${c.req.param('org')}` : ''}</button></form>`,
        ),
      );
    });
  pages.post('/site/apps', async (c) => {
    const form = await c.req.parseBody();
    const manifest = parse(String(form['manifest'] ?? ''));
    if (site.problemsOf(manifest).length > 0) return c.text('Invalid manifest', 422);
    const code = site.submit(manifest, String(form['name'] ?? 'oneshot'));
    const back = new URL(String(Object(manifest).redirect_url));
    back.searchParams.set('code', code);
    if (form['state']) back.searchParams.set('state', String(form['state']));
    return c.redirect(back.href);
  });
  pages.get('/apps/:slug/installations/new', (c) =>
    c.html(page(`Install ${c.req.param('slug')}`, html`<form method="post"><button>Install</button></form>`)),
  );
  pages.post('/apps/:slug/installations/new', async (c) => {
    site.install();
    void world.ping().catch(() => undefined);
    return c.html(page('Installed', html`<p>You may close this page.</p>`));
  });
  pages.use('/:owner/:repo/new/:branch', async (c, next) => {
    const name = `${c.req.param('owner')}/${c.req.param('repo')}`.toLowerCase();
    const isThere = site.installations.some(({ owner, repositories }) =>
      repositories.some((repository) => `${owner.login}/${repository.name}`.toLowerCase() === name),
    );
    return isThere ? next() : c.text('Not Found', 404);
  });
  pages.get('/:owner/:repo/new/:branch', (c) =>
    c.html(
      page(
        `New file in ${c.req.param('owner')}/${c.req.param('repo')}`,
        html`<form method="post"><label>Name <input name="filename" value="${c.req.query('filename') ?? ''}"></label>
<textarea name="value" rows="20" cols="80">${c.req.query('value') ?? ''}</textarea><button>Commit new file</button></form>`,
      ),
    ),
  );
  pages.post('/:owner/:repo/new/:branch', async (c) => {
    const { filename, value } = await c.req.parseBody();
    const repository = `${c.req.param('owner')}/${c.req.param('repo')}`;
    const run = runOfPush(repository, String(filename ?? ''), String(value ?? ''));
    if (run !== undefined) world.queueRun(run);
    return c.html(
      page('Committed', html`<p>${run === undefined ? 'Nothing runs.' : 'A workflow runs.'}</p>`),
    );
  });
  return pages;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
