import { GetParametersCommand } from '@aws-sdk/client-ssm';
import { fail, judged, link, ok, type Read, type Reading, tried } from '../link.ts';

const REQUIRED = ['app-id', 'private-key', 'webhook-secret'] as const;

/** What is stored, by name. It holds secrets: judge and show nothing of it but names. */
const STORED = tried(async ({ ssm, parameterPath }) => {
  const Names = REQUIRED.map((name) => `${parameterPath}/${name}`);
  const { Parameters = [] } = await ssm.send(new GetParametersCommand({ Names, WithDecryption: true }));
  return new Map(
    Parameters.flatMap(({ Name = '', Value = '' }) =>
      Value.trim() === '' ? [] : [[Name.slice(parameterPath.length + 1), Value.trim()] as const],
    ),
  );
});

/** Empty where it is not stored, or cannot be read. */
export const storedValue =
  (name: (typeof REQUIRED)[number]): Reading<string> =>
  async (_, ask) => {
    const stored = await ask(STORED);
    return stored.kind === 'read' ? (stored.value.get(name) ?? '') : '';
  };

/** Names below the parameter path that hold something. */
export const PARAMETERS: Reading<Read<ReadonlySet<string>>> = async (_, ask) => {
  const stored = await ask(STORED);
  return stored.kind === 'read' ? { kind: 'read', value: new Set(stored.value.keys()) } : stored;
};

export const PARAMETER_PATH: Reading<string> = async ({ parameterPath }) => parameterPath;

export const parameters = link({
  id: 'parameters',
  title: 'the App’s parameters are stored',
  tries: 'ssm:GetParameters with decryption',
  needs: ['stack'],
  reads: { parameters: PARAMETERS, parameterPath: PARAMETER_PATH },
  judge: ({ parameters: look, parameterPath }) => {
    const fix =
      'allow this identity to read parameters (ssm:GetParameters) and use the stack’s key (kms:Decrypt)';
    return judged(look, fix, (names) => {
      const missing = REQUIRED.filter((name) => !names.has(name));
      return missing.length === 0
        ? ok(parameterPath)
        : fail(
            `missing: ${missing.map((name) => `${parameterPath}/${name}`).join(', ')}`,
            'oneshot setup puts them there',
          );
    });
  },
});
