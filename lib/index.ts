export type { AllSettingsOptions, AllSettingsState } from './all-settings.js';
export {
  booleanVariation,
  booleanVariationDetail,
  currentSnapshot,
  jsonVariation,
  jsonVariationDetail,
  numberVariation,
  numberVariationDetail,
  stringVariation,
  stringVariationDetail,
  variation,
  variationDetail,
} from './bound.js';
export type { FeatheryClient, Status } from './client.js';
export type { ClientEvents } from './connection.js';
export type { Context, ContextPart, MultiKindContext, SingleKindContext, User } from './context.js';
export { FeatheryError, type FeatheryErrorCode, ProtocolError } from './errors.js';
export type { ErrorKind, Reason } from './evaluate.js';
export type { AnalyticsCounts } from './events.js';
export { type FileSourceOptions, fileSource } from './file-source.js';
export type {
  EvaluationSeriesContext,
  EvaluationSeriesData,
  Hook,
  TrackSeriesContext,
  VariationDetail,
} from './hooks.js';
export type { Logger } from './log.js';
export {
  createMigration,
  type Migration,
  type MigrationClient,
  type MigrationDetail,
  type MigrationExecution,
  type MigrationOptions,
  type MigrationOrigin,
  type MigrationResult,
  type MigrationStage,
  type MigrationTracker,
  type MigrationWriteResult,
} from './migration.js';
export type { ClientOptions, LocalReceiver, LocalSource, ProxyOptions, TlsOptions } from './options.js';
export type { Json } from './protocol.js';
export type { DefaultOf, SettingKey, SettingKeyOf, Settings, ValueOf } from './settings.js';
export { createClient, get, setSdkKey } from './singleton.js';
export type { Snapshot } from './snapshot.js';
export { SDK_VERSION } from './version.js';
export type { WatchOptions } from './watch.js';
