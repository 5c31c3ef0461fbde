import type { StandInScript } from './script.ts';
import type { AcquiredJob, ActionsService } from './service.ts';

const FOR_EVER_SECONDS = 86_400;

export const pause = (seconds: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
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
      await pause(script.goneAfterSeconds ?? FOR_EVER_SECONDS, signal);
      return { kind: 'gone' };
    },
    async acquireJob() {
      await pause(script.acquire === 'hang' ? FOR_EVER_SECONDS : (script.acquireSeconds ?? 0));
      return script.acquire === 'lost' ? 'lost' : jobOf(script);
    },
    completeJob: async () => undefined,
    deleteSession: async () => undefined,
  };
}

function jobOf({ jobSeconds = 1, result = 'Succeeded', ...script }: StandInScript): AcquiredJob {
  return {
    durationSeconds: jobSeconds,
    result,
    ...(script.jobScript !== undefined && { script: script.jobScript }),
    ...(script.alwaysScript !== undefined && { alwaysScript: script.alwaysScript }),
    ...(script.container !== undefined && { container: script.container }),
  };
}
