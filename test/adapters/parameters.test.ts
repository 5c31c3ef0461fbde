import type { SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { createParameterStore } from '../../functions/aws/parameters.ts';

const MINUTE_MS = 60_000;

/** A client that answers with what `values` holds, and counts its calls. */
function createStore() {
  const values: Record<string, string> = { 'app-id': '1', 'private-key': 'key', 'webhook-secret': 'secret' };
  const state = { calls: 0, nowMs: 10 * MINUTE_MS, isDown: false };
  const client = {
    send: async () => {
      state.calls += 1;
      if (state.isDown) throw new Error('SSM is down');
      return {
        Parameters: Object.entries(values).map(([name, Value]) => ({
          Name: `/oneshot/dev/github/${name}`,
          Value,
        })),
      };
    },
  } as unknown as SSMClient;
  return { values, state, store: createParameterStore(client, '/oneshot/dev/github', () => state.nowMs) };
}

describe('the parameter store', () => {
  it('should read all parameters in one call and keep them for five minutes', async () => {
    const { state, store } = createStore();
    await store.get();
    state.nowMs += 5 * MINUTE_MS - 1;
    expect(await store.get()).toEqual({ appId: '1', privateKey: 'key', webhookSecrets: ['secret'] });
    expect(state.calls).toBe(1);
    state.nowMs += 1;
    await store.get();
    expect(state.calls).toBe(2);
  });

  it('should give the same object for the same values, so that what was made of it is kept too', async () => {
    const { state, store, values } = createStore();
    const first = await store.get();
    state.nowMs += 6 * MINUTE_MS;
    expect(await store.get()).toBe(first);
    values['private-key'] = 'a new key';
    state.nowMs += 6 * MINUTE_MS;
    expect(await store.get()).toMatchObject({ privateKey: 'a new key' });
  });

  it('should read again for a signature that does not match, but at most once a minute', async () => {
    const { state, store, values } = createStore();
    await store.get();
    values['webhook-secret-previous'] = 'older';
    expect(await store.refresh()).toBe(false);
    state.nowMs += MINUTE_MS;
    expect(await store.refresh()).toBe(true);
    expect(await store.refresh()).toBe(false);
    expect((await store.get()).webhookSecrets).toEqual(['secret', 'older']);
    expect(state.calls).toBe(2);
  });

  it('should name every parameter that is missing or empty', async () => {
    const { store, values } = createStore();
    delete values['app-id'];
    values['private-key'] = ' ';
    await expect(store.get()).rejects.toThrow(
      /github\/app-id is missing[\s\S]*github\/private-key is missing/,
    );
  });

  it('should say which call failed, and read again the next time', async () => {
    const { state, store } = createStore();
    state.isDown = true;
    await expect(store.get()).rejects.toThrow('ssm GetParameters');
    state.isDown = false;
    expect((await store.get()).appId).toBe('1');
  });
});
