// Shapes that several routes share. The wire model's fields (protocol.md 1) stand here once, for requests, answers and
// the OpenAPI document alike; a null in a request means the same as an absent field.
import { type Static, type TProperties, type TSchema, type TUnsafe, Type } from 'typebox';
import {
  DEFAULT_PAGE,
  FULL_WEIGHT,
  KEY_PATTERN,
  MAX_CLAUSE_VALUES,
  MAX_CLAUSES,
  MAX_COMMENT_LENGTH,
  MAX_DESCRIPTION_LENGTH,
  MAX_KEY_LENGTH,
  MAX_NAME_LENGTH,
  MAX_PAGE,
  MAX_PREREQUISITES,
  MAX_RULES,
  MAX_SALT_LENGTH,
  MAX_TAG_LENGTH,
  MAX_TAGS,
  MAX_TARGET_VALUES,
  MAX_TARGETS,
  MAX_TEXT_LENGTH,
  MAX_VARIATIONS,
} from './limits.js';
import { type Definition, SETTING_TYPES, type SettingType } from './storage/definitions.js';

export const CLOSED = { additionalProperties: false } as const;

/** A field that may also be null. */
export function nullable<T extends TSchema>(schema: T): TUnsafe<Static<T> | null> {
  return Type.Unsafe<Static<T> | null>({ ...schema, nullable: true });
}

export const AnyJson = Type.Unknown({ description: 'Any JSON value' });
export const Key = Type.String({ minLength: 1, maxLength: MAX_KEY_LENGTH, pattern: KEY_PATTERN });
export const Name = Type.String({ maxLength: MAX_NAME_LENGTH });
export const Tags = Type.Array(Type.String({ minLength: 1, maxLength: MAX_TAG_LENGTH, pattern: KEY_PATTERN }), {
  maxItems: MAX_TAGS,
  uniqueItems: true,
});
export const Comment = Type.String({ maxLength: MAX_COMMENT_LENGTH, description: 'Kept in the audit' });
export const Time = Type.String({ format: 'date-time' });
export const Revision = Type.Integer({ minimum: 0, description: 'Grows by one with each change of the environment' });

/** What a merge patch may be sent as. */
export const MERGE_PATCH_TYPES = ['application/merge-patch+json', 'application/json'] as const;
export const CommentQuery = Type.Object({ comment: Type.Optional(Comment) });
export const IfMatch = Type.Object({
  'if-match': Type.Optional(
    Type.String({ description: '`ETag` the change was made for; 412 when it is not the present one' }),
  ),
});

const Index = Type.Integer({ minimum: 0, description: 'Index of a variation' });
const Text = Type.String({ maxLength: MAX_TEXT_LENGTH });
const Kind = Type.String({ maxLength: MAX_TEXT_LENGTH, description: 'Kind of context; "user" when absent' });
const ContextKeys = Type.Array(Type.String({ minLength: 1, maxLength: MAX_TEXT_LENGTH }), {
  maxItems: MAX_TARGET_VALUES,
});
const Weight = Type.Integer({ minimum: 0, maximum: FULL_WEIGHT, description: 'In units of 1/100000' });

const Clause = Type.Object(
  {
    contextKind: Type.Optional(nullable(Kind)),
    attribute: Type.Optional(nullable(Text)),
    op: Type.String(),
    values: Type.Array(AnyJson, { maxItems: MAX_CLAUSE_VALUES }),
    negate: Type.Optional(nullable(Type.Boolean())),
  },
  CLOSED,
);
const Clauses = Type.Array(Clause, { maxItems: MAX_CLAUSES });

const Rollout = Type.Object(
  {
    kind: Type.Optional(nullable(Type.String({ enum: ['rollout', 'experiment'] }))),
    contextKind: Type.Optional(nullable(Kind)),
    bucketBy: Type.Optional(nullable(Text)),
    seed: Type.Optional(nullable(Type.Integer())),
    variations: Type.Array(
      Type.Object({ variation: Index, weight: Weight, untracked: Type.Optional(nullable(Type.Boolean())) }, CLOSED),
      { minItems: 1, maxItems: MAX_VARIATIONS },
    ),
  },
  CLOSED,
);
const outcome = { variation: Type.Optional(nullable(Index)), rollout: Type.Optional(nullable(Rollout)) };

const Target = Type.Object(
  { contextKind: Type.Optional(nullable(Kind)), variation: Index, values: Type.Optional(nullable(ContextKeys)) },
  CLOSED,
);
const Targets = Type.Array(Target, { maxItems: MAX_TARGETS });
const SegmentTargets = Type.Array(
  Type.Object({ contextKind: Type.Optional(nullable(Kind)), values: ContextKeys }, CLOSED),
  { maxItems: MAX_TARGETS },
);

const settingFields = {
  on: Type.Boolean(),
  offVariation: nullable(Index),
  fallthrough: Type.Object(outcome, CLOSED),
  prerequisites: Type.Array(Type.Object({ key: Key, variation: Index }, CLOSED), { maxItems: MAX_PREREQUISITES }),
  targets: Targets,
  contextTargets: Targets,
  rules: Type.Array(
    Type.Object(
      {
        id: Type.Optional(nullable(Text)),
        ...outcome,
        clauses: Type.Optional(nullable(Clauses)),
        trackEvents: Type.Optional(nullable(Type.Boolean())),
      },
      CLOSED,
    ),
    { maxItems: MAX_RULES },
  ),
  salt: Type.String({ maxLength: MAX_SALT_LENGTH }),
  trackEvents: Type.Boolean(),
  trackEventsFallthrough: Type.Boolean(),
  debugEventsUntilDate: nullable(Type.Integer({ minimum: 0, description: 'Milliseconds since the epoch' })),
  clientSide: Type.Boolean(),
  clientSideAvailability: Type.Object(
    {
      usingMobileKey: Type.Optional(nullable(Type.Boolean())),
      usingEnvironmentId: Type.Optional(nullable(Type.Boolean())),
    },
    CLOSED,
  ),
};
const optionalSettingFields = {
  samplingRatio: Type.Integer({ minimum: 0 }),
  excludeFromSummaries: Type.Boolean(),
  migration: Type.Object({ checkRatio: Type.Optional(nullable(Type.Integer({ minimum: 0 }))) }, CLOSED),
};

const segmentFields = {
  included: ContextKeys,
  excluded: ContextKeys,
  includedContexts: SegmentTargets,
  excludedContexts: SegmentTargets,
  rules: Type.Array(
    Type.Object(
      {
        id: Type.Optional(nullable(Text)),
        clauses: Type.Optional(nullable(Clauses)),
        weight: Type.Optional(nullable(Weight)),
        bucketBy: Type.Optional(nullable(Text)),
        rolloutContextKind: Type.Optional(nullable(Kind)),
      },
      CLOSED,
    ),
    { maxItems: MAX_RULES },
  ),
  salt: Type.String({ maxLength: MAX_SALT_LENGTH }),
  unbounded: Type.Boolean(),
  generation: nullable(Type.Integer()),
};
const optionalSegmentFields = { unboundedContextKind: Kind };
export const segmentMetaFields = {
  name: Name,
  description: Type.String({ maxLength: 4096 }),
  tags: Tags,
};

/** Fields the service owns: a patch may repeat them as they are, so that what was read can be sent back changed. */
const ownedFields = { key: Type.String(), version: Type.Integer(), deleted: Type.Boolean() };

export const SettingItem = Type.Object(
  {
    ...ownedFields,
    variations: Type.Array(AnyJson),
    ...settingFields,
    ...Type.Partial(Type.Object(optionalSettingFields)).properties,
  },
  { $id: 'SettingItem', description: 'A setting in one environment, as SDKs receive it', ...CLOSED },
);
export type SettingBody = Static<typeof SettingItem>;

export const SettingPatch = Type.Object(
  optional({ ...ownedFields, variations: Type.Array(AnyJson), ...settingFields, ...optionalSettingFields }),
  { $id: 'SettingPatch', description: 'JSON merge patch of a SettingItem', ...CLOSED },
);

export const SegmentItem = Type.Object(
  {
    ...ownedFields,
    ...segmentMetaFields,
    ...segmentFields,
    ...Type.Partial(Type.Object(optionalSegmentFields)).properties,
  },
  { $id: 'SegmentItem', description: 'A segment as SDKs receive it, with its name, description and tags', ...CLOSED },
);
export type SegmentBody = Static<typeof SegmentItem>;

export const SegmentPatch = Type.Object(
  optional({ ...ownedFields, ...segmentMetaFields, ...segmentFields, ...optionalSegmentFields }),
  { $id: 'SegmentPatch', description: 'JSON merge patch of a SegmentItem', ...CLOSED },
);

export const NewSegment = Type.Object(
  {
    key: Key,
    ...optional({
      version: Type.Integer(),
      deleted: Type.Boolean(),
      ...segmentMetaFields,
      ...segmentFields,
      ...optionalSegmentFields,
    }),
  },
  { $id: 'NewSegment', ...CLOSED },
);

export const SettingTypeSchema = Type.Unsafe<SettingType>({ type: 'string', enum: [...SETTING_TYPES] });
export const ValueSchema = Type.Unsafe<Definition['valueSchema']>({
  type: ['object', 'boolean', 'null'],
  description: 'JSON Schema that every value fits (2020-12, or draft-07 when `$schema` says so)',
});
const Description = Type.String({ maxLength: MAX_DESCRIPTION_LENGTH });
/** What a setting is in every environment. */
export const definitionFields = {
  name: Type.Optional(nullable(Name)),
  description: Type.Optional(nullable(Description)),
  tags: Type.Optional(nullable(Tags)),
  variations: Type.Optional(
    nullable(
      Type.Array(
        Type.Object(
          { value: AnyJson, name: Type.Optional(nullable(Name)), description: Type.Optional(nullable(Description)) },
          CLOSED,
        ),
        { maxItems: MAX_VARIATIONS },
      ),
    ),
  ),
  valueSchema: Type.Optional(ValueSchema),
};
export const DefinitionPatch = Type.Object(
  { type: Type.Optional(nullable(SettingTypeSchema)), ...definitionFields },
  { $id: 'DefinitionPatch', description: 'Fields that are named replace the present ones', ...CLOSED },
);

export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'Stable; branch on this' }),
    detail: Type.String(),
    pointer: Type.Optional(Type.String({ description: 'JSON pointer to the first fault of the body' })),
    errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() }))),
    requestId: Type.Optional(Type.String()),
  },
  { $id: 'Problem', description: 'RFC 9457', additionalProperties: true },
);

/** An answer without a body. */
export function noBody(description: string): TSchema {
  return Type.Unsafe<unknown>({ type: 'null', description });
}

/** An answer of server-sent events. */
export const EVENT_STREAM = {
  description: 'Server-sent events, for as long as the connection is open',
  content: { 'text/event-stream': { schema: Type.String() } },
};

export const Page = {
  limit: Type.Integer({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE }),
  cursor: Type.Optional(Type.String({ maxLength: 1024, description: '`nextCursor` of the page before' })),
};
export const NextCursor = nullable(Type.String({ description: 'Gives the next page; null on the last one' }));

function optional<T extends TProperties>(fields: T) {
  const entries = Object.entries(fields).map(([name, field]) => [name, Type.Optional(nullable(field as TSchema))]);
  return Object.fromEntries(entries) as {
    [Name in keyof T]: ReturnType<typeof Type.Optional<TUnsafe<Static<T[Name]> | null>>>;
  };
}
