// What the service shares with the SDK, so that both ends cannot disagree: `feathery-server-sdk/protocol`.
export { PreparedSegment, PreparedSetting } from './compile.js';
export {
  type Context,
  canonicalKey,
  contextKinds,
  contextProblem,
  type MultiKindContext,
  type NormalContext,
  normalize,
  type SingleKindContext,
  type User,
} from './context.js';
export { affectedSettings } from './dependents.js';
export { ProtocolError } from './errors.js';
export {
  type Detail,
  type ErrorKind,
  evaluate,
  isExperimental,
  type OnPrerequisite,
  type Reason,
  type View,
} from './evaluate.js';
export { OPERATORS, type Operator, prepareTest } from './operators.js';
export {
  type Change,
  type Clause,
  type DataSet,
  type Json,
  type Message,
  type Prerequisite,
  parseDataSet,
  parseMessage,
  type Rollout,
  type Rule,
  type Segment,
  type SegmentRule,
  type SegmentTarget,
  type Setting,
  type Target,
  type VariationOrRollout,
  type WeightedVariation,
} from './protocol.js';
export { type AttributePath, escapeName, parseReference } from './reference.js';
export { type ChangedItem, Store, type StoreView } from './store.js';
export { type TakeOptions, takeDataSet } from './take-data-set.js';
export { type ClauseProblem, type Trace, type TracedClause, type TraceStep, trace } from './trace.js';
