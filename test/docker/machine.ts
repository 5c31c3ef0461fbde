import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Daemon, leftoversOf } from '../../local/docker/index.ts';

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** A file system of its own size, gone with this process's namespace at the latest. Returns what unmounts it. */
export function mountDisk(folder: string, size: string): () => void {
  mkdirSync(folder, { recursive: true });
  run('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'disk', folder);
  return () => void run('umount', '--lazy', folder);
}

export function bind(from: string, to: string): () => void {
  mkdirSync(from, { recursive: true });
  mkdirSync(to, { recursive: true });
  run('mount', '--bind', from, to);
  return () => void run('umount', '--lazy', to);
}

/** What an image is built from without a registry: Debian's busybox, which is one static program. */
export function writeBuildContext(folder: string): void {
  mkdirSync(folder, { recursive: true });
  copyFileSync(run('sh', '-c', 'command -v busybox').trim(), path.join(folder, 'busybox'));
  const lines = [
    'FROM scratch',
    'COPY busybox /bin/busybox',
    'ENV PATH=/bin',
    'RUN ["busybox", "--install", "-s", "/bin"]',
    'CMD ["sh"]',
  ];
  writeFileSync(path.join(folder, 'Dockerfile'), `${lines.join('\n')}\n`);
}

/** Nothing may be left of a daemon. */
export const leftOnMachine = (daemon: Daemon): string[] => [...leftoversOf(daemon), ...leftInNetwork()];

/** This network has its loopback, and no daemon has a control group or a process beside it. */
export function leftInNetwork(): string[] {
  const links = (JSON.parse(run('ip', '-json', 'link', 'show')) as { ifname: string }[])
    .map(({ ifname }) => ifname)
    .filter((name) => name !== 'lo');
  const isRule = (line: string) => /^-A|^:.* -|^:FORWARD DROP/.test(line);
  const rules = run('iptables-save').split('\n').filter(isRule);
  const processes = run('ps', '-eo', 'args')
    .split('\n')
    .filter((args) => /^(dockerd|containerd)/.test(args));
  return [
    ...links.map((link) => `interface ${link}`),
    ...rules.map((rule) => `rule ${rule}`),
    ...processes.map((args) => `process ${args}`),
  ];
}
