// Changes kept for later: written as a draft, approved by a second member where the environment asks for it, applied
// now or at a time. Each step is one conditional write, so of two who take a step at the same time one is refused.
import { randomUUID } from 'node:crypto';
import type { Actor } from './actor.js';
import { locateIn, operateAll, type RequestedChange, toOperations } from './change-request.js';
import { type ChangeSetState, isPossible, type Step, stateAfter } from './change-set-steps.js';
import type { Changes } from './changes.js';
import type { Draft } from './draft.js';
import { Problem } from './problems.js';
import { type AuditItem, recordAudit } from './storage/audit.js';
import {
  type ChangeSet,
  countOpenChangeSets,
  type Decision,
  deleteChangeSet,
  insertChangeSet,
  readChangeSet,
  updateChangeSet,
} from './storage/change-sets.js';
import type { Database } from './storage/database.js';
import { readPolicy } from './storage/environment-policies.js';

const MAX_OPEN = 1000;

export interface ChangeSetsParts {
  readonly database: Database;
  readonly changes: Changes;
  readonly now: () => number;
}

/** What its author writes. */
export interface ChangeSetContent {
  readonly title: string;
  readonly changes: readonly RequestedChange[];
}

export class ChangeSets {
  readonly #parts: ChangeSetsParts;

  constructor(parts: ChangeSetsParts) {
    this.#parts = parts;
  }

  /** @throws Problem 404 */
  async read(environment: string, id: string): Promise<ChangeSet> {
    const changeSet = await readChangeSet(this.#parts.database, environment, id);
    if (changeSet === undefined) {
      throw new Problem('change_set_not_found', `There is no change set with this id in "${environment}".`);
    }
    return changeSet;
  }

  /** What it would change now. @throws Problem as applying it would. */
  preview(changeSet: ChangeSet): Promise<readonly AuditItem[]> {
    const { plan, locate } = this.#planOf(changeSet);
    return this.#parts.changes.preview(plan, locate);
  }

  /** Keeps changes as a draft. @throws Problem 422 when they could not be applied to the present state. */
  async create(environment: string, content: ChangeSetContent, author: Actor): Promise<ChangeSet> {
    const at = this.#parts.now();
    const changeSet: ChangeSet = {
      id: randomUUID(),
      environment,
      version: 1,
      state: 'draft',
      ...content,
      author,
      decision: null,
      scheduledAt: null,
      failure: null,
      auditId: null,
      createdAt: at,
      updatedAt: at,
    };
    await this.preview(changeSet);
    await this.#parts.database.transaction().execute(async (transaction) => {
      if ((await countOpenChangeSets(transaction, environment)) >= MAX_OPEN) {
        throw new Problem('limit_reached', `At most ${MAX_OPEN} change sets of an environment may be open.`);
      }
      await insertChangeSet(transaction, changeSet);
      await this.#record(transaction, 'create', author, changeSet, null);
    });
    return changeSet;
  }

  /** Rewrites a draft, or makes one of what was rejected or has failed. */
  async edit(before: ChangeSet, content: ChangeSetContent, actor: Actor): Promise<ChangeSet> {
    requireAuthor(before, actor);
    await this.preview({ ...before, ...content });
    return this.#step('edit', before, { ...content, decision: null, scheduledAt: null, failure: null }, actor);
  }

  async delete(changeSet: ChangeSet, actor: Actor): Promise<void> {
    requireStep('delete', changeSet);
    await this.#parts.database.transaction().execute(async (transaction) => {
      if (!(await deleteChangeSet(transaction, changeSet))) throw moved();
      await this.#record(transaction, 'delete', actor, null, changeSet);
    });
  }

  /** Asks for a decision. */
  submit(changeSet: ChangeSet, actor: Actor): Promise<ChangeSet> {
    requireAuthor(changeSet, actor);
    return this.#step('submit', changeSet, {}, actor);
  }

  /** Makes it a draft again. An approval it had is void: what is written next has not been approved. */
  withdraw(changeSet: ChangeSet, actor: Actor): Promise<ChangeSet> {
    return this.#step('withdraw', changeSet, { decision: null, scheduledAt: null }, actor);
  }

  /** Approves or rejects. Only a member can, and never the author. */
  decide(changeSet: ChangeSet, approved: boolean, comment: string, actor: Actor): Promise<ChangeSet> {
    if (actor.kind !== 'member') throw new Problem('not_allowed', 'Only a member can decide about a change set.');
    if (isAuthor(changeSet, actor)) throw new Problem('not_allowed', 'Nobody decides about their own change set.');
    const decision: Decision = { approved, by: actor, at: this.#parts.now(), comment };
    return this.#step(approved ? 'approve' : 'reject', changeSet, { decision }, actor);
  }

  /** Has it applied at a time, which may not be past. */
  async schedule(changeSet: ChangeSet, scheduledAt: number, actor: Actor): Promise<ChangeSet> {
    const { requiresApproval } = await readPolicy(this.#parts.database, changeSet.environment);
    if (requiresApproval && !isApproved(changeSet)) {
      throw new Problem('approval_required', 'It needs an approval before it can be scheduled. Submit it first.');
    }
    return this.#step('schedule', changeSet, { scheduledAt }, actor);
  }

  /** Commits it now: once, whoever else tries at the same time, as the commit and the step are stored together. */
  async apply(changeSet: ChangeSet, actor: Actor): Promise<ChangeSet> {
    requireStep('apply', changeSet);
    const { plan, locate } = this.#planOf(changeSet);
    let applied: ChangeSet | undefined;
    const entry = {
      action: 'change-set.apply',
      actor,
      comment: changeSet.title,
      approved: isApproved(changeSet),
      locate,
      alongside: async (transaction: Database, auditId: number) => {
        applied = this.#after('apply', changeSet, { auditId });
        if (!(await updateChangeSet(transaction, applied))) throw moved();
      },
    };
    await this.#parts.changes.commit(entry, plan);
    // When everything is as it asks for already, nothing was committed.
    return applied ?? this.#step('apply', changeSet, {}, actor);
  }

  /** Notes why it could not be applied at its time. */
  fail(changeSet: ChangeSet, failure: string, actor: Actor): Promise<ChangeSet> {
    return this.#step('fail', changeSet, { failure }, actor);
  }

  #planOf({ environment, changes }: ChangeSet) {
    const operations = toOperations(changes);
    const limits = { maxSegments: this.#parts.changes.config.maxSegments, now: this.#parts.now() };
    return {
      plan: (draft: Draft) => operateAll(draft, environment, operations, limits),
      locate: locateIn(operations),
    };
  }

  async #step(step: Step, before: ChangeSet, change: Partial<ChangeSet>, actor: Actor): Promise<ChangeSet> {
    requireStep(step, before);
    const after = this.#after(step, before, change);
    await this.#parts.database.transaction().execute(async (transaction) => {
      if (!(await updateChangeSet(transaction, after))) throw moved();
      await this.#record(transaction, step, actor, after, before);
    });
    return after;
  }

  #after(step: Step, before: ChangeSet, change: Partial<ChangeSet>): ChangeSet {
    const state = stateAfter(step) as ChangeSetState;
    return { ...before, ...change, state, version: before.version + 1, updatedAt: this.#parts.now() };
  }

  async #record(
    transaction: Database,
    step: Step | 'create',
    actor: Actor,
    after: ChangeSet | null,
    before: ChangeSet | null,
  ): Promise<void> {
    const { id, environment, title } = (after ?? before) as ChangeSet;
    await recordAudit(transaction, {
      at: this.#parts.now(),
      actor,
      action: `change-set.${step}`,
      environment,
      revision: null,
      comment: title,
      reverts: null,
      items: [{ environment, kind: 'change-set', key: id, before: describe(before), after: describe(after) }],
    });
  }
}

/** Whether a second member has approved exactly what it says now. */
export function isApproved({ decision }: ChangeSet): boolean {
  return decision?.approved === true;
}

export function isAuthor({ author }: ChangeSet, { kind, id }: Actor): boolean {
  return author.kind === kind && author.id === id;
}

function requireAuthor(changeSet: ChangeSet, actor: Actor): void {
  if (isAuthor(changeSet, actor)) return;
  throw new Problem('not_allowed', `Only its author, ${changeSet.author.name}, can change or submit it.`);
}

function requireStep(step: Step, { state }: ChangeSet): void {
  if (isPossible(step, state)) return;
  throw new Problem('change_set_state', `It is ${state}; that cannot be done to it now.`, { members: { state } });
}

function moved(): Problem {
  return new Problem('change_set_state', 'Somebody else has just changed it. Look at it again.');
}

function describe(changeSet: ChangeSet | null) {
  if (changeSet === null) return null;
  const { title, state, decision, scheduledAt, failure } = changeSet;
  return { title, state, decision: decision?.comment ?? null, scheduledAt, failure };
}
