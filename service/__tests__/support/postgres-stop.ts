// Ends what `postgres-start.ts` has started.
export default () => globalThis.postgresOfTheRun?.stop();
