import { type Literal, ODATA_LIMITS, ODataError } from './syntax.ts';

type Token = {
  kind: 'name' | 'literal' | 'symbol' | 'end';
  text: string;
  at: number;
  literal?: Literal;
};

const SPACE = /[ \t]+/y;

/** The first that fits wins. A GUID, date or number must not run on into a name, hence the look-ahead in each. */
const TOKENS: { pattern: RegExp; symbol?: true; read?: (found: string) => Literal | 'invalid' | undefined }[] = [
  {
    pattern: /'(?:[^']|'')*'/y,
    read: (found) => ({ type: 'string', value: found.slice(1, -1).replaceAll("''", "'") }),
  },
  {
    pattern: /[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}(?![\p{L}\p{N}_-])/uy,
    read: (found) => ({ type: 'guid', value: found.toLowerCase() }),
  },
  {
    pattern:
      /\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,12})?)?(?:[zZ]|[+-]\d{2}:\d{2}))?(?![\p{L}\p{N}_:.-])/uy,
    read: (found) => (Number.isNaN(instantOf(found)) ? 'invalid' : { type: 'instant', value: found }),
  },
  {
    pattern: /-?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?(?![\p{L}\p{N}_.:-])/uy,
    read: (found) => {
      const value = Number(found);
      const exact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
      return exact ? { type: 'number', value: value === 0 ? 0 : value } : 'invalid';
    },
  },
  {
    pattern: /[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*|\$count(?![\p{L}\p{N}_])/uy,
    read: (found) => WORDS.get(found),
  },
  { pattern: /[(),/:]/y, symbol: true },
];

const WORDS = new Map<string, Literal>([
  ['true', { type: 'boolean', value: true }],
  ['false', { type: 'boolean', value: false }],
  ['null', { type: 'null', value: null }],
]);

function firstMatch(text: string, at: number) {
  for (const token of TOKENS) {
    const found = matchAt(token.pattern, text, at);
    if (found) return { ...token, found };
  }
  return undefined;
}

function unreadable(option: string, text: string, at: number): ODataError {
  const rest = text.slice(at);
  if (rest.startsWith("'")) {
    return new ODataError('syntax', option, 'the text that opens here has no closing quote.', at);
  }
  if (/^-?\d/.test(rest)) {
    const word = shown(rest.split(/[\s,()]/, 1)[0] as string);
    return new ODataError('syntax', option, `'${word}' is neither a number, a GUID nor a date-time with its zone.`, at);
  }
  const character = String.fromCodePoint(rest.codePointAt(0) as number);
  return new ODataError('syntax', option, `the character '${character}' is not expected here.`, at);
}

export function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** Milliseconds since 1970 of an instant literal; NaN when the calendar has no such day or hour. */
export function instantOf(value: string): number {
  // Date.parse rolls the 31st of February over into March; a round trip of the day shows it.
  const day = value.slice(0, 10);
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return Number.NaN;
  return value.length === 10 ? midnight : Date.parse(value.replace(/z$/, 'Z'));
}

function tokenize(option: string, text: string): Token[] {
  if (text.length > ODATA_LIMITS.optionLength) {
    throw new ODataError('too-large', option, `at most ${ODATA_LIMITS.optionLength} characters are accepted.`);
  }
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const space = matchAt(SPACE, text, at);
    if (space) {
      at += space.length;
      continue;
    }
    const match = firstMatch(text, at);
    if (!match) throw unreadable(option, text, at);
    const literal = match.read?.(match.found);
    if (literal === 'invalid') throw new ODataError('syntax', option, `'${shown(match.found)}' is out of range.`, at);
    const kind = match.symbol ? 'symbol' : literal ? 'literal' : 'name';
    tokens.push({ kind, text: match.found, at, ...(literal && { literal }) });
    at += match.found.length;
  }
  tokens.push({ kind: 'end', text: '', at: text.length });
  return tokens;
}

/** What the caller wrote, short enough to be repeated in a sentence. */
export function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** Reads tokens one after the other and counts what the limits bound. */
export class Reader {
  readonly option: string;
  readonly tokens: Token[];
  private next = 0;
  private terms = 0;

  constructor(option: string, text: string) {
    this.option = option;
    this.tokens = tokenize(option, text);
  }

  peek(ahead = 0): Token {
    return this.tokens[Math.min(this.next + ahead, this.tokens.length - 1)] as Token;
  }

  take(): Token {
    const token = this.peek();
    this.next += 1;
    return token;
  }

  fail(sentence: string, token = this.peek()): never {
    throw new ODataError('syntax', this.option, sentence, token.at);
  }

  isSymbol(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'symbol' && token.text === text;
  }

  /** OData 4.01 §5.1.1: operators are accepted in any case. */
  isWord(text: string): boolean {
    const token = this.peek();
    return token.kind === 'name' && token.text.toLowerCase() === text;
  }

  expectSymbol(text: string, where: string): void {
    if (!this.isSymbol(text)) this.fail(`'${text}' is missing ${where}.`);
    this.take();
  }

  expectEnd(): void {
    const token = this.peek();
    if (token.kind !== 'end') this.fail(`'${shown(token.text)}' is not expected here.`);
  }

  countTerm(): void {
    this.terms += 1;
    if (this.terms > ODATA_LIMITS.terms) {
      throw new ODataError(
        'too-large',
        this.option,
        `at most ${ODATA_LIMITS.terms} comparisons and values are accepted.`,
        this.peek().at,
      );
    }
  }

  checkDepth(depth: number): void {
    if (depth > ODATA_LIMITS.depth) {
      throw new ODataError(
        'too-large',
        this.option,
        `at most ${ODATA_LIMITS.depth} levels of nesting are accepted.`,
        this.peek().at,
      );
    }
  }
}
