import type { Segment, Setting } from 'feathery-server-sdk/protocol';
import type { Violation } from './problems.js';

/** How long the lists of one setting or segment may be. */
export interface ListLimits {
  /** Keys in one target, or in one list of a segment. */
  readonly maxTargetKeys: number;
  readonly maxRules: number;
}

/** Lists of a setting that are longer than this service takes. */
export function longListsOfSetting({ targets, contextTargets, rules }: Setting, limits: ListLimits): Violation[] {
  return [
    ...tooMany('/rules', rules, limits.maxRules),
    ...tooManyKeys('/targets', targets, limits),
    ...tooManyKeys('/contextTargets', contextTargets, limits),
  ];
}

/** The same for a segment. */
export function longListsOfSegment(segment: Segment, limits: ListLimits): Violation[] {
  return [
    ...tooMany('/rules', segment.rules, limits.maxRules),
    ...tooMany('/included', segment.included, limits.maxTargetKeys),
    ...tooMany('/excluded', segment.excluded, limits.maxTargetKeys),
    ...tooManyKeys('/includedContexts', segment.includedContexts, limits),
    ...tooManyKeys('/excludedContexts', segment.excludedContexts, limits),
  ];
}

type Targets = readonly { readonly values?: readonly string[] | null }[] | null | undefined;

function tooManyKeys(at: string, targets: Targets, { maxTargetKeys }: ListLimits): Violation[] {
  return (targets ?? []).flatMap(({ values }, index) => tooMany(`${at}/${index}/values`, values, maxTargetKeys));
}

function tooMany(pointer: string, list: readonly unknown[] | null | undefined, most: number): Violation[] {
  const { length } = list ?? [];
  return length > most ? [{ pointer, detail: `has ${length} entries; this service takes ${most}` }] : [];
}
