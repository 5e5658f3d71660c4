// `npm start`: prepares the clone, then runs the service together with the demo. Flags are those of `feathery serve`.
// package.json starts it with `exec`, so that there is no shell between npm and this process that would take a signal
// for itself and leave this one behind.
import { prepare, runScript, SetupError } from './prepare.mjs';

await runScript(async () => {
  await prepare();
  const { runDemo } = await import('../demo/run.mjs');
  try {
    process.exit(await runDemo(process.argv.slice(2)));
  } catch (error) {
    // The service and the demo name what a person can mend `StartError`, wherever its class comes from.
    throw error.name === 'StartError' ? new SetupError(error.message) : error;
  }
});
