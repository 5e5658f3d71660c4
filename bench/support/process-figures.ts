import { readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second. */
const TICKS_PER_SECOND = 100;

/** Resident memory of a process, in bytes. */
export function residentBytes(pid: number): number {
  return memory(pid, 'VmRSS');
}

/** The most that was ever resident of it. */
export function peakResidentBytes(pid: number): number {
  return memory(pid, 'VmHWM');
}

/** Processor time that a process has used so far, in milliseconds. */
export function processorMs(pid: number): number {
  // The name, in parentheses, may contain anything.
  const [, fields = ''] = /\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
  const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number);
  return ((user + system) * 1000) / TICKS_PER_SECOND;
}

/** How many files and sockets a process may hold open. */
export function descriptorLimit(): number {
  const match = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
  return Number(match?.[1] ?? 1024);
}

function memory(pid: number, field: string): number {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1]) * 1024;
}
