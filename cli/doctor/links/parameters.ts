import { REQUIRED_PARAMETERS, readStored } from '../../../functions/aws/parameters.ts';
import { fail, judged, link, ok, type Read, type Reading, tried } from '../link.ts';

/** What is stored, by name. It holds secrets: judge and show nothing of it but names. */
const STORED = tried(({ ssm, parameterPath }) => readStored(ssm, parameterPath));

/** Empty where it is not stored, or cannot be read. */
export const storedValue =
  (name: (typeof REQUIRED_PARAMETERS)[number]): Reading<string> =>
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
      const missing = REQUIRED_PARAMETERS.filter((name) => !names.has(name));
      return missing.length === 0
        ? ok(parameterPath)
        : fail(
            `missing: ${missing.map((name) => `${parameterPath}/${name}`).join(', ')}`,
            'oneshot setup puts them there',
          );
    });
  },
});
