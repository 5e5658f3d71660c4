// What this browser remembers between visits. Storage may be denied; then nothing is remembered.

const ENVIRONMENT = 'feathery.environment';

export function lastEnvironment(): string {
  return read(ENVIRONMENT) ?? 'production';
}

export function rememberEnvironment(key: string): void {
  write(ENVIRONMENT, key);
}

function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Private windows may refuse.
  }
}
