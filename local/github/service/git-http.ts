/**
 * Git over HTTP, to read: what `actions/checkout` and `git clone` speak (git-scm.com: gitprotocol-http). The answers of
 * git itself; who may read is GitHub's matter.
 */
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import type { Accounts } from '../accounts.ts';
import { outputOf } from './child-output.ts';
import { gitArguments } from './git.ts';
import type { TokenReader } from './job-call.ts';
import type { Repositories } from './repositories.ts';

export interface GitOptions {
  readonly repositories: Repositories;
  readonly accounts: Pick<Accounts, 'find'>;
  readonly tokens: TokenReader;
}

type Env = { Bindings: HttpBindings; Variables: { directory: string } };
const UPLOAD_PACK = 'git-upload-pack';

/** One packet: its length with these four digits, in hexadecimal (gitprotocol-common). */
const packet = (text: string): string => `${(text.length + 4).toString(16).padStart(4, '0')}${text}`;
const FLUSH = '0000';

export function createGit(options: GitOptions): Hono<Env> {
  const routes = new Hono<Env>();
  const opened = opens(options);
  routes.get('/:owner/:repo/info/refs', opened, (c) => {
    return c.req.query('service') === UPLOAD_PACK ? advertise(c) : forbidden(c);
  });
  routes.post(`/:owner/:repo/${UPLOAD_PACK}`, opened, (c) => uploadPack(c));
  routes.post('/:owner/:repo/git-receive-pack', opened, forbidden);
  return routes;
}

const forbidden = (c: Context): Response => c.text('Write access to repository not granted.\n', 403);

/** GitHub asks for credentials where it shows nothing without; with them, what one may not see is not there. */
const opens =
  ({ repositories, accounts, tokens }: GitOptions): MiddlewareHandler<Env> =>
  async (c, next) => {
    const fullName = `${c.req.param('owner')}/${c.req.param('repo')?.replace(/\.git$/, '')}`;
    const authorization = c.req.header('authorization');
    const job = tokens.jobOfRepositoryToken(password(authorization));
    if (authorization !== undefined && job === undefined)
      return c.text('Invalid username or token.\n', 401, CHALLENGE);
    const held = accounts.find(fullName);
    const isPublic = held?.repository.private !== true;
    const isOwn = job !== undefined && held?.repository.id === job.repositoryId;
    const directory = isPublic || isOwn ? repositories.find(fullName) : undefined;
    if (directory === undefined)
      return job === undefined ? c.text('', 401, CHALLENGE) : c.text('Repository not found.\n', 404);
    c.set('directory', directory);
    return next();
  };

const CHALLENGE = { 'www-authenticate': 'Basic realm="GitHub"' };

/** Of basic authentication: the name is not looked at (docs.github.com: `x-access-token` by custom). */
function password(authorization: string | undefined): string {
  const [, encoded = ''] = /^basic (\S+)$/i.exec(authorization ?? '') ?? [];
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1);
}

/** Version 2 is asked for by a header, and by it the line that names the service is left out (gitprotocol-v2). */
const versionOf = (c: Context): string => {
  const version = c.req.header('git-protocol') ?? '';
  return /^[\w=:]{1,100}$/.test(version) ? version : '';
};

const pack = (c: Context<Env>, more: readonly string[], input?: Readable): Readable => {
  const args = ['upload-pack', '--stateless-rpc', ...more, c.get('directory')];
  const environment = { GIT_PROTOCOL: versionOf(c) };
  return outputOf('git', gitArguments(c.get('directory'), args), { environment, ...(input && { input }) });
};

const answer = (c: Context<Env>, kind: string, body: Readable): Response =>
  c.body(Readable.toWeb(body) as ReadableStream, 200, {
    'content-type': `application/x-${UPLOAD_PACK}-${kind}`,
    'cache-control': 'no-cache',
  });

function advertise(c: Context<Env>): Response {
  const refs = pack(c, ['--http-backend-info-refs']);
  const hasName = !versionOf(c).includes('version=2');
  const name = hasName ? [Buffer.from(`${packet(`# service=${UPLOAD_PACK}\n`)}${FLUSH}`)] : [];
  return answer(c, 'advertisement', Readable.from(joined(name, refs)));
}

async function* joined(first: readonly Buffer[], rest: Readable): AsyncGenerator<Buffer> {
  yield* first;
  yield* rest;
}

/** What is wanted and what the client has, compressed where it is long. */
function uploadPack(c: Context<Env>): Response {
  const { incoming } = c.env;
  const isZipped = c.req.header('content-encoding') === 'gzip';
  const input = isZipped ? incoming.pipe(createGunzip()) : incoming;
  return answer(c, 'result', pack(c, [], input));
}
