#!/usr/bin/env node
// The edge of the process: command line, environment, signals, exit code. Everything else is told what it needs.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { backup } from './backup.js';
import { type Command, type Config, helpText, parseCommand } from './config.js';
import { type DoctorEdges, runDoctor } from './doctor.js';
import { createLog } from './log.js';
import { restore } from './restore.js';
import { type Service, startService } from './service.js';
import { StartError } from './start-error.js';
import { SERVICE_VERSION } from './version.js';

/** Built beside this file. */
const DASHBOARD_DIR = fileURLToPath(new URL('dashboard', import.meta.url));
type CommandOf<Name> = Extract<Command, { name: Name }>;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

try {
  await run(parseCommand(process.argv.slice(2), process.env));
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}

async function run(command: Command): Promise<void> {
  if (command.name === 'help') console.log(helpText());
  else if (command.name === 'version') console.log(SERVICE_VERSION);
  else if (command.name === 'serve') await serve(command.config);
  else if (command.name === 'doctor') process.exitCode = await runDoctor(command.config, machine(), console.log);
  else if (command.name === 'backup') await runBackup(command);
  else if (command.name === 'restore') await runRestore(command);
}

async function runBackup({ config, file }: CommandOf<'backup'>): Promise<void> {
  const { bytes } = await backup(config, file, Date.now);
  console.log(`Wrote ${file} (${bytes} bytes). It holds hashed passwords and what is known of users: keep it safe.`);
}

async function runRestore({ config, file, replace }: CommandOf<'restore'>): Promise<void> {
  const { at, rows, environments } = await restore(config, file, { replace, now: Date.now });
  console.log(`Restored the backup of ${at}; environments: ${environments}, rows: ${rows}. Everybody is signed out.`);
}

function machine(): DoctorEdges {
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft: unknown } } };
  const maxOpenFiles = Number(report.userLimits?.open_files?.soft);
  const isKnown = Number.isFinite(maxOpenFiles);
  return { now: Date.now, nodeVersion: process.versions.node, maxOpenFiles: isKnown ? maxOpenFiles : undefined };
}

async function serve(config: Config): Promise<void> {
  const log = createLog(config.logLevel);
  const service = await startService(config, {
    log,
    now: Date.now,
    random: Math.random,
    ...(existsSync(DASHBOARD_DIR) && { dashboardDir: DASHBOARD_DIR }),
  });
  for (const signal of SIGNALS) process.once(signal, () => void stop(service));
  for (const notice of service.notices) console.log(notice);
  console.log(`Feathery is ready on ${service.address}`);
}

async function stop(service: Service): Promise<void> {
  // Who asks twice does not want to wait.
  for (const signal of SIGNALS) process.once(signal, () => process.exit(1));
  await service.stop();
  process.exit(0);
}
