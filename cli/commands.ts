import { addCompletion } from './commands/completion.ts';
import { addConsole } from './commands/console.ts';
import { addCost } from './commands/cost.ts';
import { addDeploy } from './commands/deploy.ts';
import { addDlq } from './commands/dlq.ts';
import { addDoctor } from './commands/doctor.ts';
import { addImage } from './commands/image.ts';
import { addInit } from './commands/init.ts';
import { addLogs } from './commands/logs.ts';
import { addOverview } from './commands/overview.ts';
import { addReconcile } from './commands/reconcile.ts';
import { addSetup } from './commands/setup.ts';
import { addShell } from './commands/shell.ts';
import { addStatus } from './commands/status.ts';
import { addStop } from './commands/stop.ts';
import { addSweep } from './commands/sweep.ts';
import { addTeardown } from './commands/teardown.ts';
import { addUpgrade } from './commands/upgrade.ts';
import { addUse } from './commands/use.ts';
import type { AddCommand } from './context.ts';

/** Every command, in the order in which `--help` lists them. */
export const COMMANDS: readonly AddCommand[] = [
  addOverview,
  addInit,
  addUse,
  addDeploy,
  addUpgrade,
  addSetup,
  addImage,
  addDoctor,
  addStatus,
  addConsole,
  addLogs,
  addCost,
  addReconcile,
  addSweep,
  addStop,
  addShell,
  addDlq,
  addTeardown,
  addCompletion,
];
