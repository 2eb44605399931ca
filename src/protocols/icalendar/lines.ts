/**
 * What a reader takes on before it believes a text. A text beyond any of these is refused before it is parsed, so that
 * reading costs bounded time and memory.
 */
export const LIMITS = {
  /** Characters of a text. */
  characters: 16 * 1024 * 1024,
  /** Of one line, folds taken out: an attachment may stand in it. */
  lineCharacters: 14 * 1024 * 1024,
  /** Lines with a property, a BEGIN or an END. */
  lines: 200_000,
  /** Components inside components. VCALENDAR, VEVENT, VALARM and one more are what there is. */
  depth: 8,
  components: 20_000,
  /** Of one property. */
  parameters: 256,
} as const;

/** Unfolded lines (RFC 5545 §3.1) of a text whose lines end in CRLF, LF or CR. A byte-order mark and NULs go. */
export function* linesOf(text: string): Generator<string> {
  const end = text.length;
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let parts: string[] = [];
  while (at < end) {
    let stop = at;
    for (; stop < end; stop += 1) {
      const code = text.charCodeAt(stop);
      if (code === 10 || code === 13) break;
    }
    const first = text.charCodeAt(at);
    if ((first === 32 || first === 9) && parts.length > 0) parts.push(text.slice(at + 1, stop));
    else {
      if (parts.length > 0) yield clean(parts);
      parts = stop > at ? [text.slice(at, stop)] : [];
    }
    // Some mailers double the CR; an empty line is none.
    while (stop < end && text.charCodeAt(stop) === 13) stop += 1;
    at = stop < end && text.charCodeAt(stop) === 10 ? stop + 1 : stop;
  }
  if (parts.length > 0) yield clean(parts);
}

const clean = (parts: readonly string[]) => {
  const line = parts.length === 1 ? parts[0]! : parts.join('');
  return line.includes('\0') ? line.replaceAll('\0', '') : line;
};

/** A line as the text of a property says it, its value not yet read. */
export interface Line {
  /** Upper case. */
  readonly name: string;
  /** By name in lower case, in their order. */
  readonly parameters: ReadonlyMap<string, readonly string[]>;
  readonly value: string;
}

/** An underscore is none of RFC 5545's characters, and some programs' names have it. */
const NAME = /^[A-Za-z0-9_-]+(?=[;:])/;
const PARAMETER = /;\s*([A-Za-z0-9_-]+)(?:=|(?=[;:]))/y;
const VALUE = /"([^"]*)"|([^",;:]*)/y;

/** Takes a line apart. Undefined: it is none. */
export function readLine(line: string): Line | undefined {
  const name = NAME.exec(line)?.[0];
  if (name === undefined) return undefined;
  const parameters = new Map<string, string[]>();
  let at = name.length;
  while (line[at] === ';') {
    PARAMETER.lastIndex = at;
    const found = PARAMETER.exec(line);
    if (!found || parameters.size >= LIMITS.parameters) return undefined;
    const key = found[1]!.toLowerCase();
    const values = parameters.get(key) ?? [];
    parameters.set(key, values);
    at = PARAMETER.lastIndex;
    for (;;) {
      VALUE.lastIndex = at;
      const value = VALUE.exec(line)!;
      at = VALUE.lastIndex;
      values.push(decodeParameter(value[1] ?? value[2]!));
      if (values.length > LIMITS.lines) return undefined;
      if (line[at] !== ',') break;
      at += 1;
    }
    // A quote that never closes, or one in the middle: what is left of the name is taken as it stands.
    if (line[at] === '"') {
      const colon = line.indexOf(':', at);
      if (colon < 0) return undefined;
      values[values.length - 1] += line.slice(at, colon).replaceAll('"', '');
      at = colon;
    }
  }
  return line[at] === ':' ? { name: name.toUpperCase(), parameters, value: line.slice(at + 1) } : undefined;
}

/** RFC 6868: what a parameter cannot hold otherwise. */
const decodeParameter = (text: string) =>
  text.includes('^')
    ? text.replace(/\^([n^'])/g, (_all, mark: string) => (mark === 'n' ? '\n' : mark === "'" ? '"' : '^'))
    : text;
