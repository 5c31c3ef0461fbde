/**
 * Stand-in for `Runner.Listener run`: the lines, files, marks, exit codes and signals of actions/runner 2.336, so that
 * the real entrypoint can be run without GitHub. `node listener.ts BIN run`; with a `standin.json` in the root it
 * plays that script, else it works for the service that its JIT config names; a script may say both.
 */
import path from 'node:path';
import { createBrokerService } from './broker-service.ts';
import { forgetCompileCache } from './compile-cache.ts';
import { readInput, writeConfiguration } from './configuration.ts';
import type { Context, ServedContext } from './context.ts';
import { end, leave, removeConfiguration, unlessInterrupted } from './exits.ts';
import { readJitConfig } from './jit-config.ts';
import { takeJob } from './job.ts';
import { createJournal } from './journal.ts';
import { readScript } from './script.ts';
import { createScriptedService } from './scripted-service.ts';
import type { ActionsService, PollEnd } from './service.ts';
import { obeySignals } from './signals.ts';
import { complain, mark, say, stamp } from './terminal.ts';
import {
  MOST_CONFLICTS,
  MOST_REFUSED_POLLS,
  POLL_ENDS,
  REFUSALS,
  REFUSED_POLLS_CODE,
  SESSION_PAUSE_SECONDS,
  VERSION,
} from './words.ts';
import { pause, sayListening } from './world-time.ts';

/** Five tries and a pause of 15 to 60 s (LISTENER-18); where it is played, a part of that. */
const REFUSED_POLL_SECONDS = { real: 75, played: 0.3 };

forgetCompileCache();
const [bin = '.'] = process.argv.slice(2);
await run(path.resolve(bin, '..'));

async function run(root: string): Promise<void> {
  const script = readScript(root);
  const journal = createJournal(script?.journal);
  const context: Context = { root, script, journal, polling: new AbortController(), isInterrupted: false };
  obeySignals(context);
  await sayListening();
  journal({ listener: 'started' });
  if (script?.crashesAtStart) process.abort();
  mark('RunnerProcessStarted');
  const service = createService(context);
  say('\n√ Connected to GitHub\n');
  // One object, as the signals change it.
  const served = Object.assign(context, { service });
  await connect(served);
  journal({ session: true });
  mark('SessionCreated');
  say(`Current runner version: '${VERSION}'`);
  say(`${stamp()}: Listening for Jobs`);
  if (script?.idleExitCode !== undefined) end(context, script.idleExitCode);
  await listen(served);
}

function createService(context: Context): ActionsService {
  const { root, script } = context;
  const encoded = readInput(root);
  if (encoded === undefined) {
    complain('An error occurred: Not configured. Run config.(sh/cmd) to configure the runner.');
    return end(context, 1);
  }
  if (script && !script.isServed) {
    writeConfiguration(root);
    return createScriptedService(script);
  }
  const config = readJitConfig(encoded);
  writeConfiguration(root, config.files);
  return createBrokerService(config);
}

async function connect(context: ServedContext, tries = 1): Promise<void> {
  const answer = await unlessInterrupted(context, context.service.createSession());
  context.hasSession = answer === 'made';
  if (context.hasSession) return;
  if (answer === 'conflict') complain('A session for this runner already exists.');
  const isFinal = answer in REFUSALS && !(answer === 'conflict' && tries < MOST_CONFLICTS);
  if (isFinal && (await triesAgain(context))) return connect(context);
  if (isFinal) {
    const { says, code } = REFUSALS[answer as keyof typeof REFUSALS];
    complain(says);
    end(context, code);
  }
  if (tries === 1) sayConnectError();
  await unlessInterrupted(context, pause(isPlayed(context) ? 0.03 : SESSION_PAUSE_SECONDS));
  return connect(context, tries + 1);
}

/** A script plays in seconds what takes the real listener minutes. */
function isPlayed({ script }: Context): boolean {
  return script !== undefined && !script.isServed;
}

function sayConnectError(): void {
  complain(`${stamp()}: Runner connect error: Connection refused. Retrying until reconnected.`);
}

/** True once, where credentials migrate (HostContext.AllowAuthMigration): what is refused for good is asked again. */
async function triesAgain(context: ServedContext): Promise<boolean> {
  const seconds = context.script?.triesAgainAfterSeconds;
  if (seconds === undefined || context.hasTriedAgain) return false;
  context.hasTriedAgain = true;
  sayConnectError();
  await pause(seconds);
  return true;
}

async function listen(context: ServedContext): Promise<void> {
  const { service, polling } = context;
  let refusedPolls = 0;
  for (;;) {
    const message = await service.nextMessage(polling.signal).catch(() => undefined);
    if (context.isInterrupted && message?.kind !== 'job') return leave(context);
    if (message?.kind === 'job') await takeJob(context, message);
    if (message !== undefined && message.kind in POLL_ENDS)
      await endOfPolls(context, message.kind as PollEnd);
    if (message?.kind === 'session-invalid') {
      say('\n√ Connected to GitHub\n');
      await connect(context);
    }
    if (message !== undefined) continue;
    refusedPolls += 1;
    if (refusedPolls >= MOST_REFUSED_POLLS) return end(context, REFUSED_POLLS_CODE);
    await unlessInterrupted(context, pause(REFUSED_POLL_SECONDS[isPlayed(context) ? 'played' : 'real']));
  }
}

async function endOfPolls(context: ServedContext, kind: PollEnd): Promise<void> {
  if (kind !== 'shutdown' && (await triesAgain(context))) return;
  const { says, code } = POLL_ENDS[kind];
  if (kind === 'gone') context.journal({ gone: true });
  if (says !== undefined) complain(says);
  if (kind === 'gone') return removeConfiguration(context, code);
  await context.service.deleteSession().catch(() => undefined);
  return end(context, code);
}
