// What is to be read again after something was recorded in the audit. Pure.
import type { QueryKey } from '@tanstack/react-query';

export interface RecordedAction {
  action: string;
  /** Null when it was none or several. */
  environment: string | null;
}

type Touch = (environment: string | null, present: string) => QueryKey[];

/** The beginning of every key. */
const EVERYTHING: QueryKey = [];

/** What the present environment serves is told by the changes themselves. */
const content: Touch = (environment, present) => {
  if (environment === null) return [EVERYTHING];
  return environment === present ? [] : [[environment]];
};

/** By the subject of the action: the part of its name before the dot. */
const TOUCHED: Readonly<Record<string, Touch>> = {
  setting: content,
  segment: content,
  audit: content,
  service: () => [EVERYTHING],
  environment: (environment) => [['environments'], [environment, 'policy']],
  'change-set': (environment) => [
    [environment, 'change-sets'],
    [environment, 'change-set'],
  ],
  member: () => [['members'], ['sessions'], ['session']],
  session: () => [['members'], ['sessions']],
  'sdk-key': (environment) => [['sdk-keys', environment]],
  token: () => [['tokens']],
};

/**
 * Keys of the queries whose data is old now, each once.
 *
 * @param present - The environment that is looked at.
 */
export function touchedBy(actions: readonly RecordedAction[], present: string): QueryKey[] {
  const keys = [
    [present, 'audit'],
    ...actions.flatMap(({ action, environment }) => touch(action, environment, present)),
  ];
  return [...new Map(keys.map((key) => [JSON.stringify(key), key])).values()];
}

function touch(action: string, environment: string | null, present: string): QueryKey[] {
  const [subject = ''] = action.split('.');
  return TOUCHED[subject]?.(environment, present) ?? [];
}
