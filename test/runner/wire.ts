/**
 * The wire between a runner and GitHub. Everything that they say to each other goes through it: it is kept, and it can be
 * answered otherwise, held up, or cut. Addresses of GitHub in its answers become the wire's own, so that nothing goes
 * around it.
 */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** One call of the runner. */
interface Call {
  /** `POST session`, `GET message`: the method and the last part of the path. */
  readonly name: string;
  readonly path: string;
  readonly atMs: number;
  /** What was asked, as text. */
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
  /** What was answered: a status, or what became of the connection. */
  outcome?: number | 'cut' | 'silent' | 'hung up';
  answer?: string;
}

/** What happens to a call instead of being passed on. */
type Strike =
  /** Answered here, GitHub is not told; null: without a body. */
  | { readonly status: number; readonly body?: object | null }
  /** The connection ends without an answer. */
  | 'cut'
  /** There is no answer, ever. */
  | 'silent'
  /** An answer begins, and does not end. */
  | 'stalled'
  /** Passed on when this resolves. */
  | { readonly after: Promise<unknown> }
  /** GitHub is told, and its answer is held up until this resolves. */
  | { readonly answerAfter: Promise<unknown> }
  /** GitHub's answer, with changes. */
  | { readonly change: (answer: string) => string };

interface Rule {
  readonly name: string;
  readonly strike: Strike;
  readonly isFor: (call: Call) => boolean;
  times: number;
}

export interface Wire {
  readonly url: string;
  readonly calls: readonly Call[];
  /** The names of what was called, in order, one for each run of the same. */
  readonly sequence: () => string[];
  /** Strikes the next calls of this name, `times` of them. */
  readonly strike: (name: string, strike: Strike, times?: number, isFor?: (call: Call) => boolean) => void;
  /** Ends all strikes. */
  readonly spare: () => void;
  /** Nothing listens any more, and what was open is reset. */
  readonly cut: () => Promise<void>;
  /** The same address answers again. */
  readonly repair: () => Promise<void>;
  /** Resolves with the first call of this name, when it has come. */
  readonly called: (name: string) => Promise<Call>;
  /** The same, when it has been answered. */
  readonly answered: (name: string) => Promise<Call>;
  readonly close: () => Promise<void>;
}

/** Lays a wire to GitHub at this origin (`http://127.0.0.1:PORT`). */
export async function layWire(upstream: string): Promise<Wire> {
  const calls: Call[] = [];
  let rules: Rule[] = [];
  const sockets = new Set<Socket>();
  const findStrike = (call: Call) => {
    const rule = rules.find(({ name, times, isFor }) => name === call.name && times > 0 && isFor(call));
    if (rule !== undefined) rule.times -= 1;
    return rule?.strike;
  };
  const server = createServer((incoming, outgoing) => {
    const context = { upstream, own: () => url, calls, findStrike };
    serve(context, incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  server.keepAliveTimeout = 600_000;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (incoming, socket, head) => passUpgrade(upstream, incoming, socket, head));
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const cut = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.resetAndDestroy();
    });
  return {
    url,
    calls,
    sequence: () => calls.map(({ name }) => name).filter((name, at, all) => name !== all[at - 1]),
    strike: (name, strike, times = Number.POSITIVE_INFINITY, isFor = () => true) =>
      void rules.push({ name, strike, times, isFor }),
    spare: () => {
      rules = [];
    },
    cut,
    repair: () => listen(server, port),
    called: (name) => until(() => calls.find((call) => call.name === name)),
    answered: (name) => until(() => calls.find((call) => call.name === name && call.outcome !== undefined)),
    close: () => (server.listening ? cut() : Promise.resolve()),
  };
}

async function until<T>(find: () => T | undefined): Promise<T> {
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });

interface Context {
  readonly upstream: string;
  readonly own: () => string;
  readonly calls: Call[];
  readonly findStrike: (call: Call) => Strike | undefined;
}

async function serve(context: Context, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const body = await readAll(incoming);
  const path = incoming.url ?? '/';
  const name = `${incoming.method} ${path.split('?')[0]?.split('/').at(-1)}`;
  const { headers } = incoming;
  const call: Call = { name, path, atMs: Date.now(), body: body.toString(), headers };
  context.calls.push(call);
  outgoing.once('close', () => {
    call.outcome ??= 'hung up';
  });
  const strike = context.findStrike(call);
  if (strike === 'cut') return end(call, incoming);
  if (strike === 'silent') return;
  if (strike === 'stalled') return begin(outgoing);
  if (strike !== undefined && 'status' in strike) return answer(call, outgoing, strike);
  if (strike !== undefined && 'after' in strike) await strike.after;
  await passOn(context, call, { incoming, outgoing, body, strike });
}

function end(call: Call, incoming: IncomingMessage): void {
  call.outcome = 'cut';
  incoming.socket.destroy();
}

const begin = (outgoing: ServerResponse): void =>
  void outgoing.writeHead(200, { 'content-type': 'application/json' }).write('{');

interface Answer {
  readonly status: number;
  readonly body?: object | null;
}

function answer(call: Call, outgoing: ServerResponse, { status, body = {} }: Answer): void {
  call.outcome = status;
  call.answer = body === null ? '' : JSON.stringify(body);
  outgoing.writeHead(status, body === null ? {} : { 'content-type': 'application/json' }).end(call.answer);
}

interface Passing {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly body: Buffer;
  readonly strike: Strike | undefined;
}

function passOn(context: Context, call: Call, passing: Passing): Promise<void> {
  const { incoming, outgoing, body, strike } = passing;
  const { upstream, own } = context;
  return new Promise((resolve, reject) => {
    const headers = { ...incoming.headers, host: new URL(upstream).host, 'content-length': body.length };
    const sent = request(
      new URL(call.path, upstream),
      { method: incoming.method, headers },
      async (reply) => {
        const text = await readAll(reply);
        if (typeof strike === 'object' && 'answerAfter' in strike) await strike.answerAfter;
        const isText = /json|text/.test(reply.headers['content-type'] ?? '');
        const changed =
          typeof strike === 'object' && 'change' in strike ? strike.change : (same: string) => same;
        const told = isText ? Buffer.from(changed(readdress(text.toString(), upstream, own()))) : text;
        call.outcome = reply.statusCode ?? 0;
        if (isText) call.answer = told.toString();
        const { 'transfer-encoding': _, ...kept } = reply.headers;
        outgoing
          .writeHead(call.outcome, { ...kept, 'content-length': told.length })
          .end(told, () => resolve());
      },
    );
    sent.on('error', reject);
    outgoing.once('close', () => sent.destroy());
    sent.end(body);
  });
}

/** Also of the live feed, which is a web socket. */
function readdress(text: string, upstream: string, own: string): string {
  const socket = (origin: string) => origin.replace(/^http/, 'ws');
  return text.replaceAll(upstream, own).replaceAll(socket(upstream), socket(own));
}

function passUpgrade(upstream: string, incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { hostname, port } = new URL(upstream);
  const peer = connect(Number(port), hostname, () => {
    const headers = incoming.rawHeaders
      .map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`))
      .join('');
    peer.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${headers}\r\n`);
    peer.write(head);
    peer.pipe(socket).pipe(peer);
  });
  for (const each of [peer, socket]) each.on('error', () => each.destroy());
  socket.on('close', () => peer.destroy());
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
