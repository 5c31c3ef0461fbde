import type { StandInScript } from './script.ts';
import type { AcquiredJob, ActionsService, JobOffer, Message, RunnableStep } from './service.ts';
import { pause } from './world-time.ts';

const FOR_EVER_SECONDS = 86_400;

const untilAborted = <T>(signal: AbortSignal, value: T): Promise<T> =>
  pause(FOR_EVER_SECONDS, signal).then(
    () => value,
    () => value,
  );

const OFFER: JobOffer = {
  kind: 'job',
  requestId: '1',
  runServiceUrl: '',
  billingOwnerId: '',
  isToBeAcknowledged: false,
};

export function createScriptedService(script: StandInScript): ActionsService {
  let isDelivered = false;
  return {
    async createSession() {
      await pause(script.connectSeconds ?? 0);
      return script.session ?? 'made';
    },
    async nextMessage(signal) {
      if (isDelivered && script.goneAfterSeconds !== undefined) {
        await pause(script.goneAfterSeconds, signal);
        return { kind: 'gone' };
      }
      if (isDelivered && script.cancelAfterSeconds !== undefined) {
        await pause(script.cancelAfterSeconds, signal);
        return { kind: 'cancel', jobId: '1' };
      }
      if (script.jobAfterSeconds !== undefined && !isDelivered) {
        await pause(script.jobAfterSeconds, signal);
        isDelivered = true;
        return OFFER;
      }
      if (script.jobAtInterrupt && !isDelivered) {
        isDelivered = true;
        return untilAborted(signal, OFFER);
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

function jobOf({ result = 'Succeeded', ...script }: StandInScript): AcquiredJob {
  return {
    id: '1',
    name: script.jobName ?? 'build',
    steps: stepsOf(script),
    result,
    ...((script.container === 'job' || script.container === 'services') && { containers: script.container }),
    ...(script.hidesJobAnnotations && { hidesJobAnnotations: true }),
    ...(script.refusesContainerHooks && { refusesContainerHooks: true }),
  };
}

function stepsOf({ jobScript, alwaysScript, container, jobSeconds = 1 }: StandInScript): RunnableStep[] {
  const bash = (text: string | undefined) => text && ['bash', '-c', text];
  const commands = [
    { command: bash(jobScript), condition: 'success()' },
    { command: container === 'action' && ['container', 'run_container_step'], condition: 'success()' },
    { command: ['sleep', String(jobSeconds)], condition: 'success()' },
    { command: bash(alwaysScript), condition: 'always()' },
  ];
  return commands.flatMap(({ command, condition }, index) =>
    command
      ? { ...STEP, id: String(index), number: index + 1, name: 'Run', condition, command: [...command] }
      : [],
  );
}

const STEP = { workingDirectory: '', environment: {}, continuesOnError: false } as const;
