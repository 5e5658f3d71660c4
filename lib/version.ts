/** Version of this package, as in package.json (a test compares the two). */
export const SDK_VERSION = '0.1.0';
/** Name in the `User-Agent` header and in diagnostics. */
export const SDK_NAME = 'FeatheryNodeServer';
