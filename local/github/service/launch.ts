/**
 * Actions for `uses:`: the worker asks where each one is, and fetches its archive (WIRE-31; actions/runner,
 * WebApi/LaunchHttpClient.cs and ActionManager.cs).
 */
import { Readable } from 'node:stream';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import * as v from 'valibot';
import { findAction, openArchive } from './action-store.ts';
import { callerOf, isAbout, refuse, type TokenReader, unauthenticated } from './job-call.ts';
import type { UrlSigner } from './url-signer.ts';

export interface LaunchOptions {
  readonly tokens: TokenReader;
  readonly signer: UrlSigner;
  /** The folder of actions. */
  readonly actions: string | undefined;
  /** The server's address, without a slash at its end. */
  readonly url: () => string;
}

/** A job has some dozen actions. */
const CALL_BYTES = 1024 ** 2;
const MOST_ACTIONS = 500;

const ASKED = v.object({
  actions: v.pipe(
    v.array(v.object({ action: v.string(), version: v.string(), path: v.nullish(v.string()) })),
    v.maxLength(MOST_ACTIONS),
  ),
});
type Asked = v.InferOutput<typeof ASKED>['actions'];

export function createLaunch(options: LaunchOptions): Hono {
  const launch = new Hono();
  launch.post(
    '/actions/build/:plan/jobs/:job/runnerresolve/actions',
    bodyLimit({ maxSize: CALL_BYTES, onError: (c) => refuse(c, 413, 'resource_exhausted', 'Too large.') }),
    (c) => resolve(options, c),
  );
  launch.get('/_services/actions/:owner/:name/:ref/tar.gz', (c) => archive(options, c));
  return launch;
}

async function resolve(options: LaunchOptions, c: Context): Promise<Response> {
  const job = callerOf(options.tokens, c);
  if (job === undefined) return unauthenticated(c);
  if (!isAbout(job, c.req.param('plan') ?? '', c.req.param('job') ?? ''))
    return refuse(c, 404, 'not_found', 'The token is of another job.');
  const asked = v.safeParse(ASKED, await c.req.json().catch(() => undefined));
  if (!asked.success) return refuse(c, 400, 'malformed', 'The body does not name actions.');
  const { found, errors } = lookUp(options, asked.output.actions);
  // 422 and its texts are shown to the person; any other refusal is tried again (LaunchHttpClient.cs).
  return Object.keys(errors).length > 0 ? c.json({ errors }, 422) : c.json({ actions: found });
}

function lookUp({ actions, signer, url }: LaunchOptions, asked: Asked) {
  const found: Record<string, object> = {};
  const errors: Record<string, { message: string }> = {};
  for (const { action: name, version: ref } of asked) {
    const action = findAction(actions, name, ref);
    if ('problem' in action) {
      errors[`${name}@${ref}`] = { message: action.problem };
      continue;
    }
    const path = `/_services/actions/${name}/${encodeURIComponent(ref)}/tar.gz`;
    const tar_url = `${url()}${path}?${signer.query('GET', path)}`;
    const resolved = { resolved_name: name, resolved_sha: action.sha };
    found[`${name}@${ref}`] = { name, version: ref, ...resolved, tar_url, zip_url: tar_url };
  }
  return { found, errors };
}

/** The address is the permission. */
function archive({ actions, signer }: LaunchOptions, c: Context): Response {
  const { pathname, searchParams } = new URL(c.req.url);
  const problem = signer.problem('GET', pathname, searchParams);
  // 403 and 404 are not tried again (ActionManager.cs).
  if (problem !== undefined) return refuse(c, 403, 'permission_denied', `The address is ${problem}.`);
  const { owner, name, ref = '' } = c.req.param();
  const action = findAction(actions, `${owner}/${name}`, ref);
  if ('problem' in action) return refuse(c, 404, 'not_found', action.problem);
  const body = Readable.toWeb(openArchive(action)) as ReadableStream;
  return c.body(body, 200, { 'content-type': 'application/gzip' });
}
