// Bounds of what one setting or segment may hold. What an operator may want to change is in config.ts.

export const MAX_KEY_LENGTH = 256;
/** Keys of settings, segments and environments, and tags. */
export const KEY_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._-]*$';
export const MAX_NAME_LENGTH = 256;
export const MAX_DESCRIPTION_LENGTH = 4096;
export const MAX_COMMENT_LENGTH = 2048;
export const MAX_TAGS = 32;
export const MAX_TAG_LENGTH = 64;

export const MAX_VARIATIONS = 100;
/** JSON text of one variation's value. */
export const MAX_VALUE_BYTES = 262_144;
export const MAX_SCHEMA_BYTES = 65_536;
/** Objects and arrays in one another, in any body. */
export const MAX_DEPTH = 64;

export const MAX_TARGETS = 500;
/** Keys in one target or list of a segment. */
export const MAX_TARGET_VALUES = 100_000;
export const MAX_RULES = 500;
export const MAX_CLAUSES = 50;
export const MAX_CLAUSE_VALUES = 10_000;
export const MAX_PREREQUISITES = 50;
export const MAX_TEXT_LENGTH = 1024;
export const MAX_SALT_LENGTH = 128;

export const MAX_CHANGES = 200;
export const MAX_PAGE = 500;
export const DEFAULT_PAGE = 100;
/** Everyone, in the unit of weights. */
export const FULL_WEIGHT = 100_000;
