import type { StandInScript } from './script.ts';
import type { AcquiredJob, ActionsService, Message } from './service.ts';
import { pause } from './world-time.ts';

const FOR_EVER_SECONDS = 86_400;

const untilAborted = <T>(signal: AbortSignal, value: T): Promise<T> =>
  pause(FOR_EVER_SECONDS, signal).then(
    () => value,
    () => value,
  );

export function createScriptedService(script: StandInScript): ActionsService {
  const message = { kind: 'job', jobId: '1', jobName: script.jobName ?? 'build' } as const;
  let isDelivered = false;
  return {
    async createSession() {
      await pause(script.connectSeconds ?? 0);
      return script.session ?? 'made';
    },
    async nextMessage(signal) {
      if (isDelivered && script.cancelAfterSeconds !== undefined) {
        await pause(script.cancelAfterSeconds, signal);
        return { kind: 'cancel', jobId: '1' };
      }
      if (script.jobAfterSeconds !== undefined && !isDelivered) {
        await pause(script.jobAfterSeconds, signal);
        isDelivered = true;
        return message;
      }
      if (script.jobAtInterrupt && !isDelivered) {
        isDelivered = true;
        return untilAborted(signal, message);
      }
      return pollOf(script, signal);
    },
    async acquireJob() {
      await pause(script.acquire === 'hang' ? FOR_EVER_SECONDS : (script.acquireSeconds ?? 0));
      return script.acquire === 'lost' ? 'lost' : jobOf(script);
    },
    async renewJob() {
      await pause(script.renewal === 'hang' ? FOR_EVER_SECONDS : (script.renewalSeconds ?? 0));
      return script.renewal === 'lost' ? 'lost' : 'renewed';
    },
    async completeJob() {
      if (script.losesCompletion) throw new Error('404');
    },
    deleteSession: async () => undefined,
  };
}

async function pollOf({ poll }: StandInScript, signal: AbortSignal): Promise<Message> {
  await pause(poll?.afterSeconds ?? FOR_EVER_SECONDS, signal);
  if (poll === undefined || poll.answer === 'refused-for-now') throw new Error('503');
  return { kind: poll.answer };
}

function jobOf({ jobSeconds = 1, result = 'Succeeded', ...script }: StandInScript): AcquiredJob {
  return {
    durationSeconds: jobSeconds,
    result,
    ...(script.jobScript !== undefined && { script: script.jobScript }),
    ...(script.alwaysScript !== undefined && { alwaysScript: script.alwaysScript }),
    ...(script.container !== undefined && { container: script.container }),
    ...(script.hidesJobAnnotations && { hidesJobAnnotations: true }),
    ...(script.refusesContainerHooks && { refusesContainerHooks: true }),
  };
}
