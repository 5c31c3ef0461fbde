import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type DaemonNetwork, linksOf } from './network.ts';

const GROUPS = '/sys/fs/cgroup';
/** A killed process may hold its control group for a moment. */
const TRIES = 50;

/** Where a daemon was. */
interface Traces {
  readonly directory: string;
  readonly network: DaemonNetwork;
}

/** What is still there of a daemon that was stopped, in words; nothing where all is gone. */
export function leftoversOf({ directory, network }: Traces): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return [
    ...(existsSync(directory) ? [`folder ${directory}`] : []),
    ...processesIn(directory).map((command) => `process ${command}`),
    ...mounts.filter((line) => line.includes(directory)).map((line) => `mount ${line}`),
    ...linksOf(network).map((link) => `interface ${link}`),
    ...groupsOf(network.bridge).map((group) => `control group ${group}`),
  ];
}

/** Commands that name the folder: the daemon, its containerd and the shim of each container. */
const processesIn = (directory: string): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => commandOf(pid))
    .filter((command) => command.includes(directory) && /dockerd|containerd|docker-proxy/.test(command));

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Its control group in each hierarchy: one in cgroup v2, several in v1. */
function groupsOf(name: string): string[] {
  const hierarchies = existsSync(path.join(GROUPS, 'cgroup.controllers')) ? [''] : readdirSync(GROUPS);
  return hierarchies
    .map((hierarchy) => path.join(GROUPS, hierarchy, name))
    .filter((group) => existsSync(group));
}

export async function removeGroups(name: string): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    tryToRemoveGroups(name);
    if (groupsOf(name).length === 0) return;
    await pause(50);
  }
}

export function tryToRemoveGroups(name: string): void {
  for (const group of groupsOf(name)) removeGroup(group);
}

function removeGroup(group: string): void {
  try {
    for (const entry of readdirSync(group, { withFileTypes: true }))
      if (entry.isDirectory()) removeGroup(path.join(group, entry.name));
    rmdirSync(group);
  } catch {
    // Busy: the next try may find it empty.
  }
}
