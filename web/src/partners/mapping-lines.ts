/** How what is told of people is made, as lines that a person reads and writes: `jobTitle = department + jobTitle`. */
export type Mapping =
  | { readonly kind: 'direct'; readonly target: string; readonly source: string }
  | { readonly kind: 'constant'; readonly target: string; readonly value: string }
  | { readonly kind: 'join'; readonly target: string; readonly sources: readonly string[]; readonly separator: string };

const lineOf = (one: Mapping): string => {
  if (one.kind === 'direct') return `${one.target} = ${one.source}`;
  if (one.kind === 'constant') return `${one.target} = ${JSON.stringify(one.value)}`;
  return `${one.target} = ${one.sources.join(` + ${JSON.stringify(one.separator)} + `)}`;
};

export const printMappings = (mappings: readonly Mapping[]): string => mappings.map(lineOf).join('\n');

const LINE = /^(\w+)\s*=\s*(.+)$/;
const NAME = /^\w+$/;

/** The mappings in the lines; or the first line that is none, counted from 1. */
export function parseMappings(text: string): readonly Mapping[] | number {
  const found: Mapping[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const [, target = '', made = ''] = LINE.exec(line.trim()) ?? [];
    const mapping = target === '' ? undefined : read(target, made.trim());
    if (!mapping) return index + 1;
    found.push(mapping);
  }
  return found;
}

function read(target: string, made: string): Mapping | undefined {
  const constant = quoted(made);
  if (constant !== undefined) return { kind: 'constant', target, value: constant };
  const parts = made.match(/"(?:[^"\\]|\\.)*"|\w+|\+/g) ?? [];
  if (parts.join('') !== made.replace(/\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/g, '')) return undefined;
  const names = parts.filter((part) => NAME.test(part));
  if (names.length === 1 && parts.length === 1) return { kind: 'direct', target, source: names[0]! };
  const separators = parts.filter((part) => part.startsWith('"')).map((part) => quoted(part) ?? '');
  const isWhole = parts.every((part, at) => (at % 2 === 1) === (part === '+'));
  if (names.length < 2 || !isWhole || new Set(separators).size > 1) return undefined;
  return { kind: 'join', target, sources: names, separator: separators[0] ?? ' ' };
}

function quoted(text: string): string | undefined {
  if (!/^"(?:[^"\\]|\\.)*"$/.test(text)) return undefined;
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}
