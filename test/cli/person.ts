import { vi } from 'vitest';
import { PARAMETER_PATH, type World } from '../../local/world/start-world.ts';

/** Leaves a GitHub in which nothing is set up, and a deployment without parameters. */
export function forgetApp({ github, aws }: World): void {
  github.uninstall();
  github.setWebhookUrl('https://nowhere.example.com');
  for (const name of ['app-id', 'private-key', 'webhook-secret'])
    aws.parameters.delete(`${PARAMETER_PATH}/${name}`);
}

/** The address that the person is sent to, once it is printed. */
export async function addressPrinted(
  printed: readonly string[],
  words: string,
  seconds = 15,
): Promise<string> {
  const find = () => printed.find((line) => line.includes(words));
  await vi.waitUntil(() => find() !== undefined, { timeout: seconds * 1000 });
  return /https?:\/\/\S+/.exec(find() ?? '')?.[0] ?? '';
}

/** Goes to GitHub from set-up's page and makes the App there. Resolves with the page that the person comes back to. */
export async function makeApp(page: string): Promise<Response> {
  const answer = await fetch(page);
  const github = await submitForm(await answer.text(), page);
  return submitForm(await github.text(), github.url);
}

/** The person's browser without a browser: fills a form as the page has it, and sends it. */
export function submitForm(text: string, base: string): Promise<Response> {
  const action = unescaped(/<form[^>]*action="([^"]*)"/.exec(text)?.[1] ?? base);
  const fields = [...text.matchAll(/<input[^>]*name="(\w+)"[^>]*value="([^"]*)"/g)];
  const body = new URLSearchParams(
    fields.map(([, name = '', value = '']): [string, string] => [name, unescaped(value)]),
  );
  return fetch(new URL(action, base), { method: 'POST', body });
}

const unescaped = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
