/** What people do at GitHub by their browser: make an App from a manifest, and install it. */
import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { generateAppKey } from './jit-config.ts';
import type { AppRegistration, GitHubOptions, Installation } from './types.ts';

/** docs.github.com, Registering a GitHub App from a manifest: what is read of it. */
const MANIFEST = v.looseObject({
  // "Name is too long (maximum is 34 characters)"
  name: v.optional(v.pipe(v.string(), v.maxLength(34, 'Name is too long (maximum is 34 characters)'))),
  url: v.pipe(v.string('url wasn’t supplied'), v.url('url must be a URL')),
  redirect_url: v.pipe(v.string('redirect_url wasn’t supplied'), v.url('redirect_url must be a URL')),
  hook_attributes: v.optional(
    v.object({ url: v.pipe(v.string(), v.url('hook url must be a URL')), active: v.optional(v.boolean()) }),
  ),
  public: v.optional(v.boolean()),
  default_permissions: v.optional(v.record(v.string(), v.picklist(['read', 'write', 'admin'])), {}),
  default_events: v.optional(v.array(v.string()), []),
});
type Manifest = v.InferOutput<typeof MANIFEST>;

/** A code is good once, for an hour (docs.github.com, as above). */
const CODE_LIFE_MS = 3_600_000;

interface Made {
  readonly app: AppRegistration & { readonly slug: string };
  readonly privateKeyPem: string;
  readonly webhookSecret: string;
  readonly webhookUrl: string | undefined;
}

export interface Site {
  /** The one App of this world: another takes its place. */
  readonly app: AppRegistration;
  readonly installations: Installation[];
  /** The problems of a manifest, in people's words; none for a sound one. */
  problemsOf(manifest: unknown): readonly string[];
  /** Keeps a sound manifest; returns the code to be redeemed. */
  submit(manifest: unknown, name: string): string;
  /** Makes the App; `undefined` for a code that is unknown, used or old. */
  redeem(code: string): Promise<Made | undefined>;
  /** Installs the App where the world's owner is. */
  install(): void;
  forget(): void;
  /** As its owner does in the App’s settings. */
  changeApp(changes: Partial<AppRegistration>): void;
}

export function createSite({ app: first, installations: given, clock }: GitHubOptions): Site {
  const owner = first.owner ?? given[0]?.owner;
  const app = { ...first, ...(owner && { owner }) } as {
    -readonly [Key in keyof AppRegistration]: AppRegistration[Key];
  };
  const installations = [...given];
  const codes = new Map<
    string,
    { readonly manifest: Manifest; readonly name: string; readonly atMs: number }
  >();
  return {
    app,
    installations,
    problemsOf(manifest) {
      const read = v.safeParse(MANIFEST, manifest);
      return read.success ? [] : read.issues.map(({ message }) => message);
    },
    submit(manifest, name) {
      const code = randomBytes(20).toString('hex');
      codes.set(code, { manifest: v.parse(MANIFEST, manifest), name, atMs: Date.now() });
      return code;
    },
    async redeem(code) {
      const held = codes.get(code);
      codes.delete(code);
      if (held === undefined || Date.now() - held.atMs > CODE_LIFE_MS) return undefined;
      const { publicKeyPem, privateKeyPem } = await generateAppKey();
      const slug = held.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
      const { default_permissions: permissions, default_events: events } = held.manifest;
      Object.assign(app, {
        id: Math.floor(clock.nowMs() / 1000) % 1_000_000,
        publicKeyPem,
        slug,
        permissions,
        events,
      });
      return {
        app: { ...app, slug },
        privateKeyPem,
        webhookSecret: randomBytes(20).toString('hex'),
        webhookUrl: held.manifest.hook_attributes?.url,
      };
    },
    install: () => void installations.splice(0, installations.length, ...given),
    forget() {
      installations.length = 0;
      app.id = 0;
    },
    changeApp: (changes) => void Object.assign(app, changes),
  };
}
