import { execFileSync } from 'node:child_process';

/** A bridge and a range of addresses that no other daemon of this machine has. */
export interface DaemonNetwork {
  readonly bridge: string;
  /** The first two numbers of its addresses. */
  readonly prefix: string;
}

interface Link {
  readonly ifname: string;
  readonly addr_info: readonly { readonly local?: string }[];
}

/** How many daemons may run at once. */
const MOST = 64;
const FIRST = 64;

const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8', stdio: 'pipe' });
const linksIn = (prefix: string): string[] =>
  (JSON.parse(ip('-json', '-4', 'addr', 'show') || '[]') as Link[])
    .filter(({ addr_info }) => addr_info.some(({ local }) => local?.startsWith(`${prefix}.`)))
    .map(({ ifname }) => ifname);

/** Makes a bridge. Its name is the lock: the kernel gives it to one process only. Throws where none is free. */
export function takeNetwork(): DaemonNetwork {
  for (let n = 0; n < MOST; n++) {
    const network = { bridge: `oneshot-${n}`, prefix: `10.${FIRST + n}` };
    if (linksIn(network.prefix).length === 0 && tryAdd(network)) return network;
  }
  throw new Error(`no bridge is free for a Docker daemon: ${MOST} are in use`);
}

function tryAdd({ bridge, prefix }: DaemonNetwork): boolean {
  try {
    ip('link', 'add', bridge, 'type', 'bridge');
  } catch (error) {
    if (/File exists/.test(String((error as { stderr?: unknown }).stderr))) return false;
    throw error;
  }
  ip('addr', 'add', `${prefix}.0.1/17`, 'dev', bridge);
  ip('link', 'set', bridge, 'up');
  return true;
}

/** The interfaces that a daemon has made: its bridge, and those of networks that a job made. */
export const linksOf = ({ bridge, prefix }: DaemonNetwork): string[] => {
  const named = (JSON.parse(ip('-json', 'link', 'show', 'type', 'bridge') || '[]') as Link[])
    .map(({ ifname }) => ifname)
    .filter((name) => name === bridge);
  return [...new Set([...named, ...linksIn(prefix)])];
};

export function giveBackNetwork(network: DaemonNetwork): void {
  for (const link of linksOf(network)) ip('link', 'delete', link);
}

/** Empties the tables of a network namespace in which nothing else lives. */
export function clearRules(): void {
  for (const table of ['nat', 'filter'])
    for (const what of ['--flush', '--delete-chain']) execFileSync('iptables', ['--wait', '-t', table, what]);
  execFileSync('iptables', ['--wait', '--policy', 'FORWARD', 'ACCEPT']);
}
