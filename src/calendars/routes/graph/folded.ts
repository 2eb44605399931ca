/** The same value with every property named in `names` written that way, whatever its case: samples use both. */
export function inCaseOf(names: readonly string[]) {
  const known = new Map(names.map((name) => [name.toLowerCase(), name]));
  const fold = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fold);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [known.get(name.toLowerCase()) ?? name, fold(inner)]),
    );
  };
  return fold;
}
