// Command line and environment → one validated, frozen object. Pure: reads what it is given, touches no process.
import { flagOf, OPTIONS, type Option, variableOf } from './options.js';
import { StartError } from './start-error.js';

const ALL = Object.entries(OPTIONS) as readonly (readonly [string, Option<unknown>])[];

const REPLACE = '--replace';

type Options = typeof OPTIONS;
type Environment = Readonly<Record<string, string | undefined>>;

/** What the service was told at its start. */
export type Config = { readonly [Name in keyof Options]: Options[Name] extends Option<infer T> ? T : never };

export type Command =
  | { readonly name: 'serve' | 'doctor'; readonly config: Config }
  | { readonly name: 'backup'; readonly file: string; readonly config: Config }
  | { readonly name: 'restore'; readonly file: string; readonly replace: boolean; readonly config: Config }
  | { readonly name: 'help' | 'version' };

const COLUMN = 33;

const COMMANDS: Readonly<Record<string, string>> = {
  serve: 'Runs the service',
  'backup <file>': 'Writes all that the database holds into a new file; the service may be running',
  'restore <file>': 'Puts a backup into an empty database, or with --replace in place of what is there',
  doctor: 'Checks configuration, database, clock, disk and port, and says what to do',
};

/**
 * Understands `feathery <arguments>`.
 *
 * @param args - The command line after the program's name.
 * @param env - Environment variables. An empty one counts as absent; the command line wins.
 * @throws StartError with exit code 2 for what it does not understand.
 */
export function parseCommand(args: readonly string[], env: Environment): Command {
  if (args.includes('--help') || args.includes('-h') || args[0] === 'help') return { name: 'help' };
  if (args.includes('--version') || args.includes('-v')) return { name: 'version' };
  const [name, ...rest] = args;
  if (name === undefined) throw usage('Say what to do, for example "feathery serve".');
  if (name === 'serve' || name === 'doctor') return { name, config: createConfig(parseFlags(rest), env) };
  if (name !== 'backup' && name !== 'restore') throw usage(`Unknown command "${name}".`);
  const [file, ...flags] = rest;
  if (file === undefined || file.startsWith('--')) throw usage(`Say which file: feathery ${name} <file>.`);
  if (name === 'backup') return { name, file, config: createConfig(parseFlags(flags), env) };
  const others = flags.filter((flag) => flag !== REPLACE);
  return { name, file, replace: others.length < flags.length, config: createConfig(parseFlags(others), env) };
}

/** The configuration that a set of flags and variables stands for; what neither says has its default. */
export function createConfig(flags: Readonly<Record<string, string>> = {}, env: Environment = {}): Config {
  const config = ALL.map(([name, option]) => [name, readOption(name, option, flags, env)]);
  return Object.freeze(Object.fromEntries(config)) as Config;
}

/** What `feathery --help` prints. */
export function helpText(): string {
  const rows = ALL.map(([name, option]) => {
    const flag = option.isSecret ? '' : `--${flagOf(name, option)} <value>`;
    const fallback = option.fallback === undefined ? '' : ` (default ${option.fallback})`;
    return `  ${flag.padEnd(COLUMN)}${variableOf(name, option).padEnd(COLUMN)}${option.help}${fallback}`;
  });
  return [
    'Usage: feathery <command> [options]',
    '',
    ...Object.entries(COMMANDS).map(([command, help]) => `  ${command.padEnd(COLUMN)}${help}`),
    '',
    'Each option can be a flag or an environment variable; the flag wins.',
    '',
    ...rows,
    '',
    `  ${'--help'.padEnd(COLUMN)}Print this`,
    `  ${'--version'.padEnd(COLUMN)}Print the version`,
  ].join('\n');
}

function parseFlags(args: readonly string[]): Record<string, string> {
  const known = new Set(ALL.flatMap(([name, option]) => (option.isSecret ? [] : [flagOf(name, option)])));
  const flags: Record<string, string> = {};
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] as string;
    const match = /^--([a-z-]+)(?:=(.*))?$/s.exec(argument);
    if (match === null) throw usage(`Unexpected "${argument}".`);
    const flag = match[1] as string;
    if (!known.has(flag)) throw usage(`Unknown flag "--${flag}".`);
    if (match[2] === undefined) index += 1;
    const value = match[2] ?? args[index];
    if (value === undefined) throw usage(`"--${flag}" needs a value.`);
    flags[flag] = value;
  }
  return flags;
}

function readOption(
  name: string,
  option: Option<unknown>,
  flags: Readonly<Record<string, string>>,
  env: Environment,
): unknown {
  const flagged = flags[flagOf(name, option)];
  const given = flagged ?? (env[variableOf(name, option)] || undefined);
  if (given === undefined) return option.fallback;
  try {
    return option.parse(given);
  } catch (error) {
    const said = flagged === undefined ? variableOf(name, option) : `--${flagOf(name, option)}`;
    throw usage(`${said}: ${(error as Error).message}.`);
  }
}

function usage(message: string): StartError {
  return new StartError(`${message} See feathery --help.`, { exitCode: 2 });
}
