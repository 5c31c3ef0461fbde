import { randomBytes } from 'node:crypto';

/**
 * Who calls: one of the functions' roles, the task role of one task, the person who deploys and runs `oneshot`, or an
 * administrator.
 */
export interface Principal {
  readonly kind: 'functions' | 'task' | 'deployer' | 'operator';
  readonly arn: string;
}

/** An access key of the world. Keys of roles come with a session token and an end, as STS's do. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiresAtMs?: number;
  readonly principal: Principal;
}

export interface Keyring {
  /** A key for a role's session. `expiresAtMs` is world time. */
  issueSession(principal: Principal, expiresAtMs?: number): AccessKey & { readonly sessionToken: string };
  /** A long-lived key, with no session token. */
  issueUser(principal: Principal): AccessKey;
  find(accessKeyId: string): AccessKey | undefined;
}

export function createKeyring(): Keyring {
  const keys = new Map<string, AccessKey>();
  const issue = <K extends AccessKey>(key: K): K => {
    keys.set(key.accessKeyId, key);
    return key;
  };
  return {
    issueSession: (principal, expiresAtMs) =>
      issue({
        accessKeyId: keyId('ASIA'),
        secretAccessKey: randomBytes(30).toString('base64'),
        sessionToken: randomBytes(192).toString('base64'),
        principal,
        ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
      }),
    issueUser: (principal) =>
      issue({
        accessKeyId: keyId('AKIA'),
        secretAccessKey: randomBytes(30).toString('base64'),
        principal,
      }),
    find: (accessKeyId) => keys.get(accessKeyId),
  };
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function keyId(prefix: string): string {
  return prefix + [...randomBytes(16)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}
