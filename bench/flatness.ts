// Whether an evaluation costs the same however much there is: listed keys, keys of a segment, settings.
//
// Run:      npm run bench -- flatness
// Measures: nanoseconds of processor per call for 1,000 users in rotation, half of them listed, with 100 and with 100,000
//           keys; and of a setting that is on for all among 10 and among 10,000. In turns, medians.
// Do not conclude: that memory is free: 100,000 keys do not fit into a cache, so that a hit reads from farther away.
import { type LoadedData, runFlatness } from './support/flatness-contest.js';
import { figure, printTable, times } from './support/table.js';

const ROUNDS = process.argv.includes('--quick') ? 5 : 15;

const rows = await runFlatness(ROUNDS);
printTable('Nanoseconds per call', [
  ['', 'few', 'many', 'many of few'],
  ...rows.map(({ title, few, many }: LoadedData) => [title, figure(few), figure(many), times(many / few)]),
]);
