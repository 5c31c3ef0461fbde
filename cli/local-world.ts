import * as v from 'valibot';
import { CliError, EXIT, type ExitCode } from './errors.ts';

const text = v.string();
/** What the embedded world says of itself (local/world/control.ts). */
const LOCAL = v.object({
  stack: text,
  runnerPrefix: text,
  region: text,
  parameterPath: text,
  clusterArn: text,
  doubtQueueUrl: text,
  deadDoubtQueueUrl: text,
  webhookUrl: text,
  runnerLogGroup: text,
  githubApiUrl: text,
  awsUrl: text,
  credentials: v.object({ accessKeyId: text, secretAccessKey: text }),
  clock: v.object({ epochMs: v.number(), speed: v.number() }),
});

type LocalWorld = v.InferOutput<typeof LOCAL> & { readonly controlUrl: string };

/** Asks the embedded world for its names and addresses. Throws CliError where none answers. */
export async function askWorld(address: string): Promise<LocalWorld> {
  const answer = await reach(address);
  const world = v.safeParse(LOCAL, await answer.json().catch(() => undefined));
  if (!world.success) throw notThere(`what answers at ${address} is not an embedded world`);
  return { ...world.output, controlUrl: new URL(answer.url).origin };
}

/** The page's address leads to the control's. */
async function reach(address: string): Promise<Response> {
  const base = URL.canParse(address) ? new URL(address) : undefined;
  if (base === undefined || !/^https?:$/.test(base.protocol))
    throw notThere(`${JSON.stringify(address)} is not the address of an embedded world`, EXIT.usage);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return fetch(new URL('deployment', base), { signal: AbortSignal.timeout(LOCAL_MS) }).catch(
    (cause: unknown) => {
      throw notThere(`no embedded world answers at ${address}`, EXIT.unreachable, cause);
    },
  );
}

/** A busy machine is slow; nothing else makes a call to it slow. */
const LOCAL_MS = 30_000;

const notThere = (problem: string, exitCode: ExitCode = EXIT.usage, cause?: unknown): CliError =>
  new CliError(
    problem,
    'start one (npm start -- --keep) and give the address that it prints',
    exitCode,
    cause,
  );
