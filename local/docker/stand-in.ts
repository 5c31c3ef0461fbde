import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { type TaskDaemons, type TaskDaemonsOptions, variablesFor } from './task-daemons.ts';

/** Daemons that answer and do nothing: for worlds whose jobs run nothing in Docker. */
export function createStandInDaemons({ base }: TaskDaemonsOptions): TaskDaemons {
  const servers = new Map<string, Server>();
  const directoryOf = (taskId: string) => path.join(base, `${taskId}-docker`);
  const stop = async (taskId: string) => {
    const server = servers.get(taskId);
    if (server === undefined) return;
    servers.delete(taskId);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(directoryOf(taskId), { recursive: true, force: true });
  };
  return {
    whyNone: () => undefined,
    async start(taskId) {
      const socket = path.join(directoryOf(taskId), 'docker.sock');
      mkdirSync(path.dirname(socket), { recursive: true });
      const server = createServer((_, response) => void response.end('OK'));
      servers.set(taskId, server);
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen(socket, resolve);
      });
      return variablesFor(`unix://${socket}`);
    },
    stop,
    async stopAll() {
      await Promise.all([...servers.keys()].map(stop));
    },
  };
}
