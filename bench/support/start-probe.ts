// Imports one package and says how long that took: `node support/start-probe.js <package>`.
const startedAt = performance.now();
await import(process.argv[2] as string);
console.log(performance.now() - startedAt);
process.exit();
