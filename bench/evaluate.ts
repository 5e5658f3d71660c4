// How long one evaluation takes, beside LaunchDarkly, other peers and the least code by hand.
//
// Run:      npm run bench -- evaluate
// Measures: S1 to S7 of support/scenarios.ts with analytics on, for 1,000 users in rotation: user objects made ahead
//           (reused) and made afresh for every call (fresh). Every contestant runs in a process of its own that gets its
//           settings from a local server or in process; all answers are checked before anything is timed.
// Do not conclude: absolute times. Only ratios within one run mean anything, as each round lets all contestants run one
//           after the other. The strings of users are the same objects in every call: what parsing a request costs is
//           not here. Peers have other hashes and no or other analytics; the table says which.
import { PEER_NAMES, runContest } from './support/evaluation-contest.js';

const rounds = process.argv.includes('--quick') ? 5 : 15;
await runContest({ names: ['feathery', 'launchdarkly', 'reference', ...PEER_NAMES], rounds, roundMs: 20 });
