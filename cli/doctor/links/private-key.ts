import { createPrivateKey } from 'node:crypto';
import { fail, link, ok, type Reading } from '../link.ts';
import { PARAMETER_PATH, storedValue } from './parameters.ts';

export const PRIVATE_KEY: Reading<'sound' | 'unreadable' | 'unknown'> = async (_, ask) => {
  const pem = await ask(storedValue('private-key'));
  if (pem === '') return 'unknown';
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa' ? 'sound' : 'unreadable';
  } catch {
    return 'unreadable';
  }
};

export const privateKey = link({
  id: 'private-key',
  title: 'the private key can be read',
  tries: 'reading it as PEM',
  needs: ['parameters'],
  reads: { privateKey: PRIVATE_KEY, parameterPath: PARAMETER_PATH },
  judge: (seen) =>
    seen.privateKey === 'unreadable'
      ? fail(
          `${seen.parameterPath}/private-key is not an RSA key in PEM form`,
          'store the whole .pem file that GitHub gave, with its first and last line',
        )
      : ok('an RSA key'),
});
