// Whether an evaluation costs the same however much there is: listed keys, keys of a segment, settings.
//
// Run:      npm run bench -- flatness
// Measures: nanoseconds of processor per call for 1,000 users in rotation, half of them listed, with 100 and with 100,000
//           keys; and of a setting that is on for all among 10 and among 10,000. In turns, medians.
//           Beside it the same look-ups in a plain Set or Map: what does not fit into the processor's cache is read from
//           farther away, whoever asks.
// Do not conclude: that memory is free.
import { type LoadedData, runFlatness } from './support/flatness-contest.js';
import { figure, printTable, times } from './support/table.js';

const ROUNDS = process.argv.includes('--quick') ? 5 : 15;

const rows = await runFlatness(ROUNDS);
printTable('Nanoseconds per call', [
  ['', 'few', 'many', 'many of few', 'plain: few', 'plain: many'],
  ...rows.map(({ title, few, many, plainFew, plainMany }: LoadedData) => [
    title,
    figure(few),
    figure(many),
    times(many / few),
    figure(plainFew),
    figure(plainMany),
  ]),
]);
