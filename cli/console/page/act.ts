/** Presses a button of the embedded world. Resolves with what is wrong, or `undefined`. */
export async function act(action: 'queue' | 'cancel' | 'fault', asked: object): Promise<string | undefined> {
  try {
    const answer = await fetch(`actions/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(asked),
    });
    return answer.ok ? undefined : ((await answer.json()).problem ?? `HTTP ${answer.status}`);
  } catch {
    return 'the console does not answer: is it still running?';
  }
}
