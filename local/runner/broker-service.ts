import { randomUUID, sign } from 'node:crypto';
import type { RunnerConfig } from './jit-config.ts';
import type { AcquiredJob, ActionsService, Message } from './service.ts';

/** The embedded GitHub's broker, which speaks the outline of the real one: token, session, long poll, acquire. */
export function createBrokerService(config: RunnerConfig): ActionsService {
  let token = '';
  let sessionId = '';
  const call = (method: string, path: string, body?: object, signal?: AbortSignal): Promise<Response> =>
    fetch(new URL(path, config.serverUrl), {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  return {
    async createSession() {
      try {
        token = await fetchToken(config);
        const answer = await call('POST', 'session', {});
        const body = (await answer.json().catch(() => ({}))) as { sessionId?: string; deprecated?: boolean };
        sessionId = body.sessionId ?? '';
        if (answer.ok) return 'made';
        if (answer.status === 409) return 'conflict';
        return body.deprecated ? 'deprecated' : answer.status < 500 ? 'refused' : 'unreachable';
      } catch {
        return token === '' ? 'refused' : 'unreachable';
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
    async completeJob(jobId, result, annotations) {
      await call('POST', 'completejob', { jobId, result, annotations });
    },
    async deleteSession() {
      await call('DELETE', `session?sessionId=${encodeURIComponent(sessionId)}`);
    },
  };
}

async function readMessage(answer: Response): Promise<Message> {
  if (answer.status === 404) return { kind: 'gone' };
  if (answer.status !== 200) return { kind: 'none' };
  const { messageType, body } = (await answer.json()) as {
    messageType: string;
    body: { jobId: string; jobName?: string };
  };
  const jobId = body.jobId;
  return messageType === 'JobCancellation'
    ? { kind: 'cancel', jobId }
    : { kind: 'job', jobId, jobName: body.jobName ?? '' };
}

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
  if (!answer.ok) throw new Error(`no token: ${answer.status}`);
  return ((await answer.json()) as { access_token: string }).access_token;
}
