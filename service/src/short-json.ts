/**
 * A value that came from outside as JSON. Undefined when the text is longer than `maxLength`, or when the value is nested
 * deeper than it can be written.
 */
export function shortJson(value: unknown, maxLength: number): string | undefined {
  try {
    const text: string | undefined = JSON.stringify(value);
    return text !== undefined && text.length <= maxLength ? text : undefined;
  } catch {
    return undefined;
  }
}
