// Where a user or organization gets something else than someone of whom nothing is known. Pure.
import { type Context, contextKinds, type Detail, evaluate, type StoreView } from 'feathery-server-sdk/protocol';

/** A key nobody has: no target, list or sensible rule knows it. */
const NOBODY = '\0nobody';

export interface SingledOut {
  readonly key: string;
  readonly detail: Detail;
  /** What someone unknown gets. */
  readonly usual: Detail;
}

/**
 * Settings that serve a valid context something of its own: by a target, a rule, a split, or a prerequisite's. With
 * `all` the others as well.
 */
export function singledOut(view: StoreView, context: Context, { all = false } = {}): SingledOut[] {
  const nobody = nobodyLike(context);
  const found: SingledOut[] = [];
  for (const key of view.settingKeys()) {
    const setting = view.setting(key);
    if (setting === undefined) continue;
    const detail = evaluate(view, setting, context);
    const usual = evaluate(view, setting, nobody);
    const isSplit = detail.reason.kind === 'FALLTHROUGH' && setting.source.fallthrough?.variation == null;
    if (all || isPersonal(detail) || isSplit || detail.variationIndex !== usual.variationIndex)
      found.push({ key, detail, usual });
  }
  return found;
}

function isPersonal({ reason }: Detail): boolean {
  return reason.kind === 'TARGET_MATCH' || reason.kind === 'RULE_MATCH';
}

function nobodyLike(context: Context): Context {
  const parts = contextKinds(context).map((kind) => [kind, { key: NOBODY }]);
  return { kind: 'multi', ...Object.fromEntries(parts) };
}
