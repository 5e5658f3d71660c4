const ignore = (): void => {};

/** A logger for peers that would print to the tables. */
export const silent = { error: ignore, warn: ignore, info: ignore, debug: ignore };
