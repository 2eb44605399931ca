/**
 * Whether everything in a value that came from outside can be kept: the database takes neither a NUL nor half of a
 * surrogate pair, and neither is text (Unicode 3.9, RFC 8259 §8.2).
 */
export function isKeepable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  if (Array.isArray(value)) return value.every(isKeepable);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, one]) => isKeepable(name) && isKeepable(one));
}

/** What a text of JSON from outside says; undefined for what is no JSON, or cannot be kept. */
export function parseKeepable(json: string): unknown {
  try {
    const value: unknown = JSON.parse(json);
    // Escaped or not at all: a NUL or half a pair cannot come as UTF-8.
    return /\\u(0000|d[89a-f])/i.test(json) && !isKeepable(value) ? undefined : value;
  } catch {
    return undefined;
  }
}
