import Table from 'cli-table3';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => unknown;
}

/** What is printed on. */
export interface Paper {
  /** Columns of the terminal; undefined where the output is read by a program, and nothing is cut. */
  readonly width: number | undefined;
  readonly isColoured: boolean;
}

const GAP = 2;
/** A column is never cut to less than this. */
const NARROWEST = 6;

/** Rows under their titles, one line each, numbers to the right, cut to fit the terminal. */
export function printTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], paper: Paper): string {
  const cells = rows.map((row) => columns.map(({ value }) => value(row)));
  const texts = cells.map((line) => line.map(plain));
  const natural = columns.map(({ title }, i) =>
    Math.max(widthOf(title), ...texts.map((line) => widthOf(line[i] ?? ''))),
  );
  const isNumeric = columns.map(
    (_, i) => rows.length > 0 && cells.every((line) => line[i] === null || typeof line[i] === 'number'),
  );
  const table = new Table({
    head: columns.map(({ title }) => title),
    colWidths: shrink(natural, paper.width),
    colAligns: isNumeric.map((right) => (right ? 'right' : 'left')),
    chars: { ...NO_LINES, 'right-mid': '', middle: ' '.repeat(GAP) },
    style: { 'padding-left': 0, 'padding-right': 0, head: paper.isColoured ? ['bold'] : [], border: [], compact: true },
  });
  table.push(...texts);
  return withoutTrailingSpace(table.toString());
}

/** One object as names and values below each other. Values that are absent are left out. */
export function printFacts(facts: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(facts).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const width = Math.max(0, ...lines.map(([name]) => widthOf(name)));
  return lines.map(([name, value]) => `${name.padEnd(width)}  ${plain(value)}`).join('\n');
}

const NO_LINES = Object.fromEntries(
  ['top', 'bottom', 'left', 'mid', 'right'].flatMap((side) =>
    ['', '-mid', ...(side === 'top' || side === 'bottom' ? ['-left', '-right'] : [])].map((part) => [side + part, '']),
  ),
);

/** Takes what is too much from the widest columns. */
function shrink(natural: readonly number[], width: number | undefined): number[] {
  const widths = natural.map((one) => Math.max(one, 1));
  if (width === undefined) return widths;
  const room = width - GAP * (widths.length - 1);
  let excess = widths.reduce((sum, one) => sum + one, 0) - room;
  while (excess > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= NARROWEST) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

/** A value as one line of text. Names come from strangers: nothing in them may steer the terminal. */
export function plain(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map(plain).join(', ');
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, ' ');
}

/** Places a text takes in a terminal: East Asian letters and pictures take two, marks none. */
export function widthOf(text: string): number {
  let width = 0;
  for (const letter of text) {
    if (/\p{Mn}|\p{Cf}/u.test(letter)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        letter,
      ) || (letter.codePointAt(0) ?? 0) >= 0x20000
        ? 2
        : 1;
  }
  return width;
}

const withoutTrailingSpace = (text: string) => text.replace(/[ \t]+$/gm, '');
