import { randomUUID, sign } from 'node:crypto';
import type { RunnerConfig } from './jit-config.ts';
import type { AcquiredJob, ActionsService, Message, SessionAnswer } from './service.ts';
import { worldHeaders } from './world-time.ts';

/** The embedded GitHub's broker, which speaks the outline of the real one: token, session, long poll, acquire. */
export function createBrokerService(config: RunnerConfig): ActionsService {
  let token = '';
  let sessionId = '';
  const call = (method: string, path: string, body?: object, signal?: AbortSignal): Promise<Response> =>
    fetch(new URL(path, config.serverUrl), {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...worldHeaders() },
      ...(body && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  return {
    async createSession() {
      try {
        token = await fetchToken(config);
        const answer = await call('POST', 'session', {});
        if (!answer.ok) return SESSION_REFUSALS.get(answer.status) ?? 'unreachable';
        ({ sessionId } = (await answer.json()) as { sessionId: string });
        return 'made';
      } catch (error) {
        return error instanceof RegistrationGone ? 'refused' : 'unreachable';
      }
    },
    async nextMessage(signal) {
      return readMessage(
        await call('GET', `message?sessionId=${encodeURIComponent(sessionId)}`, undefined, signal),
      );
    },
    async acquireJob(jobId) {
      await call('POST', 'acknowledge', { jobId });
      const answer = await call('POST', 'acquirejob', { jobId });
      return answer.ok ? ((await answer.json()) as AcquiredJob) : 'lost';
    },
    async renewJob(jobId) {
      const answer = await call('POST', 'renewjob', { jobId });
      return answer.ok ? 'renewed' : 'lost';
    },
    async completeJob(jobId, result, annotations) {
      const answer = await call('POST', 'completejob', { jobId, result, annotations });
      if (!answer.ok) throw new Error(`completejob: ${answer.status}`);
    },
    async deleteSession() {
      await call('DELETE', `session?sessionId=${encodeURIComponent(sessionId)}`);
    },
  };
}

/** By the status alone; every other is tried again (BrokerHttpClient.cs, CreateSessionAsync). */
const SESSION_REFUSALS: ReadonlyMap<number, SessionAnswer> = new Map([
  [401, 'denied'],
  [403, 'denied'],
  [409, 'conflict'],
]);
/** By the kind of error in the broker's own body; a bare 404 is a refusal for now. */
const POLL_REFUSALS: ReadonlyMap<string, Message> = new Map([
  ['RunnerNotFound', { kind: 'gone' }],
  ['RunnerVersionTooOld', { kind: 'deprecated' }],
  ['HostedRunnerDeprovisioned', { kind: 'shutdown' }],
  ['RunnerSessionInvalid', { kind: 'session-invalid' }],
]);

/** Throws for a refusal for now. */
async function readRefusal(answer: Response): Promise<Message> {
  if (answer.status === 401) return { kind: 'unauthorized' };
  const body = (await answer.json().catch(() => ({}))) as { source?: string; errorKind?: string };
  const known =
    body.source === 'actions-broker-listener' ? POLL_REFUSALS.get(body.errorKind ?? '') : undefined;
  if (known === undefined) throw new Error(`message: ${answer.status}`);
  return known;
}

async function readMessage(answer: Response): Promise<Message> {
  if (!answer.ok) return readRefusal(answer);
  if (answer.status !== 200) return { kind: 'none' };
  const { messageType, body } = (await answer.json()) as {
    messageType: string;
    body: { jobId: string; jobName?: string };
  };
  const jobId = body.jobId;
  if (messageType === 'RunnerShutdown') return { kind: 'shutdown' };
  return messageType === 'JobCancellation'
    ? { kind: 'cancel', jobId }
    : { kind: 'job', jobId, jobName: body.jobName ?? '' };
}

class RegistrationGone extends Error {}

/** The OAuth client assertion that a listener's RSA key makes (actions/runner: VssOAuthJwtBearerAssertion). */
async function fetchToken({ clientId, authorizationUrl, key }: RunnerConfig): Promise<string> {
  const seconds = Math.floor(Date.now() / 1000);
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: authorizationUrl,
    iat: seconds,
    nbf: seconds,
    exp: seconds + 300,
    jti: randomUUID(),
  };
  const unsigned = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`;
  const assertion = `${unsigned}.${sign('RSA-SHA256', Buffer.from(unsigned), key).toString('base64url')}`;
  const answer = await fetch(authorizationUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }),
  });
  const body = (await answer.json().catch(() => ({}))) as { access_token?: string; error?: string };
  // The error is read of a 400 alone (VssOAuthTokenHttpClient.cs); after any other the call goes out without a token.
  if (answer.status === 400 && body.error === 'invalid_client') throw new RegistrationGone();
  return body.access_token ?? '';
}
