/** What a check of `feathery doctor` found. A problem keeps the service from working; a warning does not. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'problem';
  /** What is so and, unless all is well, what to do. */
  readonly text: string;
}

export function ok(text: string): Finding {
  return { level: 'ok', text };
}

export function warning(text: string): Finding {
  return { level: 'warning', text };
}

export function problem(text: string): Finding {
  return { level: 'problem', text };
}
